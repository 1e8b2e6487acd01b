"""ICD codes -> Orphanet disorders: which codes mean one disorder and nothing else.

Where the mapping comes from
* Orphadata's cross-referencing file (product 1): ExternalReference with Source "ICD-10", DisorderMappingRelation (E exact,
  NTBT the disorder is narrower than the code, BTNT it is broader, ND undecided) and DisorderMappingICDRelation (specific
  code, index term, inclusion term, attributed by Orphanet). ICD-11 references are left out: no record set here is coded in it.
* ORDO's OWL, whose axioms carry the same marks as text.
* ORDO's OBO-graph JSON, which states ICD-10 cross references without any mark.
* A table of one's own (columns icd_version, icd_code, orpha, and relation when it isn't E), for ICD-9 and ICD-10 alike.
* CMS's general equivalence mapping (2018_I9gem.txt) from ICD-9-CM to ICD-10-CM.

Rules (CODE_RULES names their version)
1. With marks, a code means a disorder when exactly one disorder states it as E, neither as an inclusion term nor attributed.
   Entries that are only narrower than the code (subtypes, attributed neighbours) don't take that away.
2. Without marks, a code means a disorder when, groups of disorders aside, one entry states it, or one entry states it together with
   entries below it. Such a tie is unmarked: it may be coarser than the code says, so a title or a reader has to confirm it.
3. A group of disorders is no diagnosis: a code that only groups state means none. Neither does a code of a manifestation (M14.8*).
4. A code is looked up whole, then by ever shorter prefixes down to the three characters of its category, for ICD-10-CM divides
   WHO's codes further (Q87.410 is one of Q87.4). The longest prefix that any disorder states decides; when it doesn't mean one
   disorder, the code is ambiguous, and nothing shorter is tried.
5. On request, NTBT: a code that one disorder alone states, as narrower than the code and not attributed. Reported apart.
6. ICD-9 codes go through the table of one's own, or through the equivalence mapping where that states one identical target.
"""

from raredx_bench.icd.codes import CODE_RULES, CodeTable, Meaning, Reading, Statement, Tie, bare_code, code_table
from raredx_bench.icd.orphanet import read_codes
from raredx_bench.icd.tables import read_equivalents, read_given

__all__ = ["CODE_RULES", "CodeTable", "Meaning", "Reading", "Statement", "Tie", "bare_code", "code_table", "read_codes",
           "read_equivalents", "read_given"]  # fmt: skip

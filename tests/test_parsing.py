"""Answers as models write them, each with the names and the reading that the parser must give; and what holds for any text."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raredx_bench.domain import MAX_RANK, Reading
from raredx_bench.naming import plain
from raredx_bench.parsing import parse

MARFAN, LOEYS, EDS, HCU = "Marfan syndrome", "Loeys-Dietz syndrome", "Ehlers-Danlos syndrome, vascular type", "Homocystinuria"
THREE = (MARFAN, LOEYS, HCU)
FOUR = (MARFAN, LOEYS, EDS, HCU)

LISTS: list[tuple[str, str, tuple[str, ...]]] = [
    ("numbered", "1. Marfan syndrome\n2. Loeys-Dietz syndrome\n3. Homocystinuria", THREE),
    ("numbered with brackets", "1) Marfan syndrome\n2) Loeys-Dietz syndrome\n3) Homocystinuria", THREE),
    ("numbers in brackets", "(1) Marfan syndrome\n(2) Loeys-Dietz syndrome\n(3) Homocystinuria", THREE),
    ("numbers without a mark", "1 Marfan syndrome\n2 Loeys-Dietz syndrome\n3 Homocystinuria", THREE),
    ("numbers and dashes", "1 - Marfan syndrome\n2 - Loeys-Dietz syndrome\n3 - Homocystinuria", THREE),
    ("one before every name", "1. Marfan syndrome\n1. Loeys-Dietz syndrome\n1. Homocystinuria", THREE),
    ("hash numbers", "#1 Marfan syndrome\n#2 Loeys-Dietz syndrome\n#3 Homocystinuria", THREE),
    ("hash numbers and colons", "#1: Marfan syndrome\n#2: Loeys-Dietz syndrome\n#3: Homocystinuria", THREE),
    ("rank words", "Rank 1: Marfan syndrome\nRank 2: Loeys-Dietz syndrome\nRank 3: Homocystinuria", THREE),
    ("rank words on their own line", "Rank 1\nMarfan syndrome\n\nRank 2\nLoeys-Dietz syndrome\n\nRank 3\nHomocystinuria", THREE),
    ("numbered diagnoses",
     "Diagnosis 1: Marfan syndrome\nDiagnosis #2: Loeys-Dietz syndrome\nDiagnosis 3: Homocystinuria", THREE),
    ("ordinals", "1st: Marfan syndrome\n2nd: Loeys-Dietz syndrome\n3rd: Homocystinuria", THREE),
    ("roman numerals", "I. Marfan syndrome\nII. Loeys-Dietz syndrome\nIII. Homocystinuria", THREE),
    ("letters", "a) Marfan syndrome\nb) Loeys-Dietz syndrome\nc) Homocystinuria", THREE),
    ("capital letters", "A. Marfan syndrome\nB. Loeys-Dietz syndrome\nC. Homocystinuria", THREE),
    ("circled numbers", "① Marfan syndrome\n② Loeys-Dietz syndrome\n③ Homocystinuria", THREE),
    ("keycap emoji", "1️⃣ Marfan syndrome\n2️⃣ Loeys-Dietz syndrome\n3️⃣ Homocystinuria", THREE),
    ("medals", "🥇 Marfan syndrome\n🥈 Loeys-Dietz syndrome\n🥉 Homocystinuria ✅", THREE),
    ("right-aligned numbers",
     "\n".join(f"{n:>2}. Disorder of glycosylation type {n}" for n in range(1, 11)),
     tuple(f"Disorder of glycosylation type {n}" for n in range(1, 11))),
    ("more than the limit",
     "\n".join(f"{n}. Spastic paraplegia {n}" for n in range(1, 26)), tuple(f"Spastic paraplegia {n}" for n in range(1, 11))),
    ("repeats", "1. Marfan syndrome\n2. MARFAN SYNDROME\n3. Marfan's syndrome\n4. Homocystinuria", (MARFAN, HCU)),
    ("bullets", "- Marfan syndrome\n- Loeys-Dietz syndrome\n- Homocystinuria", THREE),
    ("stars", "* Marfan syndrome\n* Loeys-Dietz syndrome\n* Homocystinuria", THREE),
    ("round bullets without a space", "•Marfan syndrome\n•Loeys-Dietz syndrome\n•Homocystinuria", THREE),
    ("nested bullets",
     "- Marfan syndrome\n  - tall stature\n  - ectopia lentis\n- Homocystinuria\n  - marfanoid habitus", (MARFAN, HCU)),
    ("bullets of findings below numbers",
     "1. Marfan syndrome\n- tall stature\n- ectopia lentis\n2. Loeys-Dietz syndrome\n- bifid uvula\n3. Homocystinuria", THREE),
    ("numbers of findings below numbers",
     "1. Marfan syndrome\n   1. tall stature\n   2. lens\n2. Loeys-Dietz syndrome\n   1. bifid uvula\n3. Homocystinuria", THREE),
    ("bold",
     "**Marfan syndrome**\nTall, with ectopia lentis.\n\n**Loeys-Dietz syndrome**\nLess likely.\n\n**Homocystinuria**\n"
     "Rare.", THREE),
    ("bold with bullets of findings",
     "**Marfan syndrome**\n- tall stature\n- ectopia lentis\n\n**Homocystinuria**\n- osteoporosis", (MARFAN, HCU)),
    ("bold with rationale",
     "**Marfan syndrome**: explains the aorta.\n**Loeys-Dietz syndrome**: less likely.\n**Homocystinuria**: rare.", THREE),
    ("bold categories over bullets",
     "**Connective tissue disorders**\n- Marfan syndrome\n- Loeys-Dietz syndrome\n\n**Metabolic disorders**\n- "
     "Homocystinuria", THREE),
    ("numbered and bold",
     "1. **Marfan syndrome** – explains the habitus\n2. **Loeys-Dietz syndrome**: bifid uvula\n3. **Homocystinuria**", THREE),
    ("number inside the bold",
     "**1. Marfan syndrome**\nWhy.\n\n**2. Loeys-Dietz syndrome** (TGFBR2)\nWhy.\n\n**3) Homocystinuria** - rare",
     (MARFAN, "Loeys-Dietz syndrome (TGFBR2)", HCU)),
    ("bold number only", "**1.** Marfan syndrome\n**2.** Loeys-Dietz syndrome\n**3.** Homocystinuria", THREE),
    ("only the first is bold", "**1. Marfan syndrome (most likely)**\n2. Loeys-Dietz syndrome\n3. Homocystinuria", THREE),
    ("bold label",
     "1. **Diagnosis:** Marfan syndrome\n2. **Diagnosis:** Loeys-Dietz syndrome\n3. **Diagnosis:** Homocystinuria", THREE),
    ("half a name bold", "1. **Marfan** syndrome\n2. **Loeys-Dietz** syndrome\n3. **Homocystinuria**", THREE),
    ("headings", "## Marfan syndrome\nTall.\n\n## Loeys-Dietz syndrome\nAneurysms.\n\n## Homocystinuria\nLens.", THREE),
    ("numbered headings with bullets",
     "### 1. Marfan syndrome\n- **Support:** tall\n- **Against:** none\n\n### 2. Homocystinuria\n- **Support:** lens",
     (MARFAN, HCU)),
    ("ranked headings with reasoning",
     "## **MARFAN SYNDROME** (Rank #1/2)\n### Diagnostic Reasoning:\n- tall stature\n## **HOMOCYSTINURIA** (Rank #2/2)\n"
     "### Diagnostic Reasoning:\n- ectopia lentis", ("MARFAN SYNDROME", "HOMOCYSTINURIA")),
    ("plain headings over bullets",
     "Marfan syndrome:\n- tall stature\n- ectopia lentis\nLoeys-Dietz syndrome:\n- bifid uvula", (MARFAN, LOEYS)),
    ("tiers", "Most likely:\n1. Marfan syndrome\n\nLess likely:\n1. Loeys-Dietz syndrome\n2. Homocystinuria", THREE),
    ("table",
     "| Rank | Disease | Probability |\n|---|:---:|---|\n| 1 | **Marfan syndrome** | 80% |\n| 2 | Loeys-Dietz syndrome "
     "| 15% |\n| 3 | Homocystinuria | 5% |", THREE),
    ("table without edges",
     "Diagnosis | Why\n--- | ---\nMarfan syndrome | tall\nLoeys-Dietz syndrome | uvula\nHomocystinuria | lens", THREE),
    ("table with findings first",
     "| # | Key features | Differential diagnosis |\n|--|--|--|\n| 1 | tall | Marfan syndrome |\n| 2 | lens | "
     "Homocystinuria |", (MARFAN, HCU)),
    ("table in Spanish",
     "| Puesto | Enfermedad |\n|---|---|\n| 1 | Síndrome de Marfan |\n| 2 | Homocistinuria |",
     ("Síndrome de Marfan", "Homocistinuria")),
    ("table cells with line breaks", "|Rank|Diagnosis|\n|-|-|\n|1|Marfan syndrome<br>(FBN1)|\n|2|Homocystinuria|", (MARFAN, HCU)),
    ("JSON list", '["Marfan syndrome", "Loeys-Dietz syndrome", "Homocystinuria"]', THREE),
    ("JSON in a fence with confidences",
     'Here is my differential:\n```json\n[{"disease": "Marfan syndrome", "confidence": 0.8}, {"disease": '
     '"Homocystinuria", "confidence": 0.1}]\n```', (MARFAN, HCU)),
    ("JSON with a differential",
     '{"case": "7", "symptoms": ["tall"], "differential": [{"diagnosis": "Marfan syndrome", "why": "tall"}, '
     '"Homocystinuria"]}', (MARFAN, HCU)),
    ("JSON with number keys", '{"1": "Marfan syndrome", "2": "Loeys-Dietz syndrome", "3": "Homocystinuria"}', THREE),
    ("JSON with named number keys",
     '{"diagnosis_1": {"name": "Marfan syndrome"}, "diagnosis_2": {"name": "Homocystinuria"}}', (MARFAN, HCU)),
    ("JSON out of order", '[{"rank": 2, "name": "Homocystinuria"}, {"rank": 1, "name": "Marfan syndrome"}]', (MARFAN, HCU)),
    ("JSON with a final diagnosis",
     '{"final_diagnosis": "Marfan syndrome", "reasoning": "tall", "differential_diagnoses": ["Homocystinuria"]}', (MARFAN, HCU)),
    ("JSON of probabilities", '{"Marfan syndrome": 0.7, "Homocystinuria": 0.2}', (MARFAN, HCU)),
    ("nested JSON",
     '{"response": {"ranked_list": [{"disease": {"name": "Marfan syndrome"}}, {"disease": {"name": "Homocystinuria"}}]}}',
     (MARFAN, HCU)),
    ("truncated JSON", '{"differential": ["Marfan syndrome", "Homocystinuria", "Ehlers-Dan', (MARFAN, HCU)),
    ("truncated JSON records",
     '[{"rank": 1, "disease": "Marfan syndrome", "why": "tall"}, {"rank": 2, "disease": "Homocystinuria", "wh', (MARFAN, HCU)),
    ("JSON with a trailing comma", '{"diagnoses": ["Marfan syndrome", "Homocystinuria",]}', (MARFAN, HCU)),
    ("Python list", "['Marfan syndrome', 'Homocystinuria']", (MARFAN, HCU)),
    ("prompt echo before JSON", 'Format: {"diagnosis": "disease name"}\n{"diagnosis": "Marfan syndrome"}', (MARFAN,)),
    ("answer tag", "<answer>\n1. Marfan syndrome\n2. Homocystinuria\n</answer>", (MARFAN, HCU)),
    ("two answer tags", "<answer>draft: Gout</answer> wait. <answer>Marfan syndrome</answer>", (MARFAN,)),
    ("answer tag not closed", "Reasons.\n<answer>1. Marfan syndrome\n2. Homocystinuria", (MARFAN, HCU)),
    ("diagnosis tags", "<diagnosis>Marfan syndrome</diagnosis>\n<diagnosis>Homocystinuria</diagnosis>", (MARFAN, HCU)),
    ("boxed", "So the answer is $\\boxed{\\text{Marfan syndrome}}$.", (MARFAN,)),
    ("several boxes", "1. $\\boxed{\\text{Marfan syndrome}}$\n2. $\\boxed{\\text{Homocystinuria}}$", (MARFAN, HCU)),
    ("list in a box", "\\boxed{1. Marfan syndrome \\\\ 2. Loeys-Dietz syndrome \\\\ 3. Homocystinuria}", THREE),
    ("box not closed", "\\boxed{Marfan syndrome", (MARFAN,)),
    ("LaTeX list", "\\begin{enumerate}\n\\item Marfan syndrome\n\\item Homocystinuria\n\\end{enumerate}", (MARFAN, HCU)),
    ("after a thought", "<think>\n1. Gout\n2. Lupus\n</think>\n\n1. Marfan syndrome\n2. Homocystinuria", (MARFAN, HCU)),
    ("after a thought that was not opened",
     "It could be:\n1. Gout\n</think>\n1. Marfan syndrome\n2. Homocystinuria", (MARFAN, HCU)),
    ("harmony channels",
     "<|channel|>analysis<|message|>1. Gout<|end|><|start|>assistant<|channel|>final<|message|>1. Marfan syndrome\n2. "
     "Homocystinuria<|return|>", (MARFAN, HCU)),
    ("harmony without its marks",
     "analysisThe patient is tall.assistantfinal1. Marfan syndrome\n2. Homocystinuria", (MARFAN, HCU)),
    ("HTML list", "<p>Differential:</p><ol><li><b>Marfan syndrome</b>: tall</li><li>Homocystinuria</li></ol>", (MARFAN, HCU)),
    ("nested HTML list",
     "<ol><li>Marfan syndrome<ul><li>tall</li><li>lens</li></ul></li><li>Homocystinuria</li></ol>", (MARFAN, HCU)),
    ("HTML line breaks and entities",
     "1. Marfan syndrome<br>2. Sj&ouml;gren&#39;s syndrome<br/>3. Homocystinuria", (MARFAN, "Sjögren's syndrome", HCU)),
    ("HTML table",
     "<table><tr><th>Rank</th><th>Disease</th></tr><tr><td>1</td><td>Marfan "
     "syndrome</td></tr><tr><td>2</td><td>Homocystinuria</td></tr></table>", (MARFAN, HCU)),
    ("commas on one line", "Marfan syndrome, Loeys-Dietz syndrome, Homocystinuria", THREE),
    ("commas after a label",
     "Differential diagnosis: Marfan syndrome, Loeys-Dietz syndrome, Ehlers-Danlos syndrome, vascular type, and "
     "homocystinuria.", (MARFAN, LOEYS, EDS, "homocystinuria")),
    ("inverted names in a semicolon list",
     "Cardiomyopathy, dilated, 1A; Marfan syndrome; Epilepsy, idiopathic generalized, susceptibility to, 10",
     ("Cardiomyopathy, dilated, 1A", MARFAN, "Epilepsy, idiopathic generalized, susceptibility to, 10")),
    ("names and symbols in a semicolon list",
     "SPERMATOGENIC FAILURE 20; SPGF20; MARFAN SYNDROME; MFS", ("SPERMATOGENIC FAILURE 20; SPGF20", "MARFAN SYNDROME; MFS")),
    ("arrows", "Marfan syndrome > Loeys-Dietz syndrome > Homocystinuria", THREE),
    ("numbered on one line",
     "1. Marfan syndrome 2. Loeys-Dietz syndrome 3. Ehlers-Danlos syndrome, vascular type 4. Homocystinuria The "
     "patient's stature is classic.", FOUR),
    ("numbered on one line with commas",
     "My ranking is (1) Marfan syndrome, (2) Loeys-Dietz syndrome, and (3) Homocystinuria.", THREE),
    ("a type before a number on one line",
     "1. Neurofibromatosis type 2. 2. Marfan syndrome 3. Homocystinuria", ("Neurofibromatosis type 2", MARFAN, HCU)),
    ("plain lines", "Marfan syndrome\nLoeys-Dietz syndrome\nHomocystinuria", THREE),
    ("plain lines after a preamble",
     "Here is my differential:\n\nMarfan syndrome\nLoeys-Dietz syndrome\nHomocystinuria\n\nPlease confirm with genetic "
     "testing.", THREE),
    ("plain lines with labels", "Most likely: Marfan syndrome\nSecond: Loeys-Dietz syndrome\nThird: Homocystinuria", THREE),
    ("one name", "Marfan syndrome", (MARFAN,)),
    ("one name with a full stop", "**Marfan syndrome.**", (MARFAN,)),
    ("one inverted name", "Cardiomyopathy, dilated, 1A", ("Cardiomyopathy, dilated, 1A",)),
    ("one numbered name",
     "1. Achondroplasia\nThis condition commonly presents with short stature, rhizomelia and frontal bossing.",
     ("Achondroplasia",)),
    ("a name and then prose",
     "Marfan syndrome\n\nThe patient is tall and has ectopia lentis, which are both typical.", (MARFAN,)),
    ("a name and then evidence", "Marfan syndrome\n\nSupporting evidence:\n- tall stature\n- ectopia lentis", (MARFAN,)),
    ("one sentence", "The most likely diagnosis is Marfan syndrome.", (MARFAN,)),
    ("one sentence the other way round", "Marfan syndrome is the most likely diagnosis, given the tall stature.", (MARFAN,)),
    ("sentence after reasoning",
     "The patient is tall. The aorta is dilated. The most likely diagnosis is therefore **Marfan syndrome**, because of "
     "the lens.", (MARFAN,)),
    ("sentences with alternatives",
     "The most likely diagnosis is Marfan syndrome. The differential diagnosis includes Loeys-Dietz syndrome, "
     "homocystinuria, and Stickler syndrome.", (MARFAN, LOEYS, "homocystinuria", "Stickler syndrome")),
    ("findings that suggest",
     "These findings are consistent with Marfan syndrome due to FBN1 mutations.", ("Marfan syndrome due to FBN1 mutations",)),
    ("final diagnosis",
     "Step 1: the patient is tall.\nStep 2: the lens is dislocated.\n\nFinal diagnosis: Marfan syndrome", (MARFAN,)),
    ("bold final diagnosis", "Some thoughts on the aorta.\n\n**Final Diagnosis:** Marfan syndrome", (MARFAN,)),
    ("preamble",
     "Based on the clinical presentation and the features given, here is a ranked differential diagnosis:\n\n1. Marfan "
     "syndrome\n2. Homocystinuria", (MARFAN, HCU)),
    ("preamble with a question",
     "Sure! Let me think about this case.\n\n1. Marfan syndrome\n2. Homocystinuria\n\nWould you like more detail?",
     (MARFAN, HCU)),
    ("top five heading", "Top 5 differential diagnoses:\n1. Marfan syndrome\n2. Loeys-Dietz syndrome\n3. Homocystinuria", THREE),
    ("findings before and next steps after",
     "**Key findings:**\n1. Tall stature\n2. Ectopia lentis\n\n**Differential diagnosis:**\n1. Marfan syndrome\n2. "
     "Homocystinuria\n\n**Next steps:**\n1. FBN1 sequencing\n2. Echocardiography\n3. Slit-lamp examination", (MARFAN, HCU)),
    ("findings numbered, diagnoses bulleted",
     "Key features:\n1. Tall stature\n2. Ectopia lentis\n\nDifferential diagnosis:\n- Marfan syndrome\n- Homocystinuria",
     (MARFAN, HCU)),
    ("numbered sections",
     "## 1. Summary\nA tall boy.\n\n## 2. Differential Diagnosis\n1. Marfan syndrome\n2. Homocystinuria\n\n## 3. Next "
     "steps\n1. FBN1 sequencing", (MARFAN, HCU)),
    ("numbered reasoning before the final list",
     "1. The patient has a dilated aortic root, which suggests a connective tissue disorder.\n2. The lens is "
     "dislocated, so Marfan syndrome is likely.\n\nFinal ranked list:\n1. Marfan syndrome\n2. Homocystinuria",
     (MARFAN, HCU)),
    ("draft and final list",
     "Initial differential:\n1. Gout\n2. Marfan syndrome\n\nFinal differential:\n1. Marfan syndrome\n2. Homocystinuria",
     (MARFAN, HCU)),
    ("next steps without a heading",
     "1. Marfan syndrome\n2. Homocystinuria\n\nI recommend:\n- FBN1 sequencing\n- Echocardiography", (MARFAN, HCU)),
    ("excluded diseases", "Excluded:\n1. Gout\n\nDifferential diagnoses:\n1. Marfan syndrome\n2. Homocystinuria", (MARFAN, HCU)),
    ("prompt echo",
     "Phenotypes:\n- Tall stature\n- Ectopia lentis\nReply as:\n1. <disease>\n2. <disease>\n\n1. Marfan syndrome\n2. "
     "Homocystinuria", (MARFAN, HCU)),
    ("rationale below each",
     "1. Marfan syndrome\nRationale: Tall stature is explained.\n2. Homocystinuria\nRationale: The lens is explained.",
     (MARFAN, HCU)),
    ("prose after a full stop",
     "1. Cystic fibrosis. Autosomal recessive; defective CFTR leads to thick mucus.\n2. Young syndrome. Obstructive "
     "azoospermia.", ("Cystic fibrosis", "Young syndrome")),
    ("prose without any mark",
     "1. Marfan syndrome The patient's stature is typical.\n2. Homocystinuria This disorder can look alike.", (MARFAN, HCU)),
    ("probabilities", "1. Marfan syndrome (80%)\n2. Loeys-Dietz syndrome - 15%\n3. Homocystinuria: 0.05", THREE),
    ("confidence words",
     "1. Marfan syndrome (confidence: high)\n2. Loeys-Dietz syndrome – Moderate\n3. Homocystinuria (probability 0.1)", THREE),
    ("citations", "1. Marfan syndrome [1][2]\n2. [Homocystinuria](https://example.org/hcu) [3, 4]", (MARFAN, HCU)),
    ("loci and hedges in brackets",
     "1. DiGeorge syndrome (22q11.2 deletion syndrome)\n2. Turner syndrome (less likely, since the sex is male)",
     ("DiGeorge syndrome (22q11.2 deletion syndrome)", "Turner syndrome")),
    ("names with dashes, commas and colons",
     "1. Ataxia - intellectual disability - oculomotor apraxia - cerebellar cysts syndrome\n2. Cardiomyopathy, dilated, "
     "1A\n3. Mitochondrial DNA depletion syndrome 4A: Alpers type\n4. 46,XY disorder of sex development due to "
     "5-alpha-reductase 2 deficiency\n5. 3-M syndrome",
     ("Ataxia - intellectual disability - oculomotor apraxia - cerebellar cysts syndrome", "Cardiomyopathy, dilated, 1A",
      "Mitochondrial DNA depletion syndrome 4A: Alpers type",
      "46,XY disorder of sex development due to 5-alpha-reductase 2 deficiency", "3-M syndrome")),
    ("findings behind a dash",
     "1. Marfan syndrome – tall stature, arachnodactyly, ectopia lentis\n2. Homocystinuria — lens and thrombosis", (MARFAN, HCU)),
    ("control characters",
     "\x001. Marfan\x07 syndrome\r\n2.\xa0Loeys-Dietz\u200b syndrome\x1b\r3. Homocystinuria\ufeff",
     (MARFAN, "Loeys-Dietz syndrome", HCU)),
    ("long text around the list",
     'word ' * 2000 + '\n\nDifferential:\n1. Marfan syndrome\n2. Homocystinuria\n\n' + 'word ' * 2000, (MARFAN, HCU)),
    ("German",
     "Die wahrscheinlichsten Diagnosen:\n1. Marfan-Syndrom (weniger wahrscheinlich: Loeys-Dietz)\n2. Homocystinurie, "
     "obwohl Thrombosen fehlen", ("Marfan-Syndrom", "Homocystinurie")),
    ("German sentence", "Die wahrscheinlichste Diagnose ist Marfan-Syndrom.", ("Marfan-Syndrom",)),
    ("Spanish",
     "Diagnóstico diferencial:\n1. Síndrome de Marfan - explica la talla alta\n2. Homocistinuria (menos probable)",
     ("Síndrome de Marfan", "Homocistinuria")),
    ("Spanish sentence", "El diagnóstico más probable es síndrome de Marfan.", ("síndrome de Marfan",)),
    ("Italian",
     "Diagnosi differenziale:\n1. Sindrome di Marfan\n2. Omocistinuria (meno probabile, ma può avere lussazione)\n\n"
     "Raccomandazioni:\n1. Test genetico", ("Sindrome di Marfan", "Omocistinuria")),
    ("French",
     "Diagnostic différentiel :\n1. Syndrome de Marfan — explique la grande taille\n2. Homocystinurie",
     ("Syndrome de Marfan", "Homocystinurie")),
    ("Portuguese",
     "Diagnósticos diferenciais:\n1. Síndrome de Marfan\n2. Homocistinúria, embora rara",
     ("Síndrome de Marfan", "Homocistinúria")),
    ("Dutch",
     "Differentiaaldiagnose:\n1. Marfansyndroom\n2. Homocystinurie (minder waarschijnlijk)",
     ("Marfansyndroom", "Homocystinurie")),
    ("Polish",
     "Rozpoznanie różnicowe:\n1. Zespół Marfana\n2. Homocystynuria – ponieważ soczewka", ("Zespół Marfana", "Homocystynuria")),
    ("Chinese",
     "鉴别诊断：\n1、马凡综合征（FBN1）\n2、高胱氨酸尿症\n3、Loeys-Dietz综合征",
     ("马凡综合征 (FBN1)", "高胱氨酸尿症", "Loeys-Dietz综合征")),
    ("diagnosis and alternatives",
     "**Diagnosis:** Marfan syndrome\n\n**Why:** Lens.\n\n**Alternatives:**\n- Loeys-Dietz syndrome\n- Homocystinuria", THREE),
    ("a most likely diagnosis and others",
     "Most likely diagnosis: Marfan syndrome\n\nOther differentials:\n1. Loeys-Dietz syndrome\n2. Homocystinuria", THREE),
    ("a final diagnosis that is in the list",
     "1. Marfan syndrome (FBN1)\n2. Homocystinuria\n\nFinal diagnosis: Marfan syndrome", ("Marfan syndrome (FBN1)", HCU)),
    ("a thought in plain sight",
     "Here's a thinking process:\n1.  **Analyze the request:** a list is wanted.\n2.  **Identify key features:** tall stature\n\n"
     "Final list:\n1. Marfan syndrome\n2. Homocystinuria", (MARFAN, HCU)),
    ("a turn of a dialogue", "user: a tall boy\nassistant: 1. Marfan syndrome\n2. Homocystinuria", (MARFAN, HCU)),
    ("escaped numbers", "1\\. Marfan syndrome\n2\\. Homocystinuria", (MARFAN, HCU)),
    ("tabs", "1\tMarfan syndrome\t0.9\n2\tHomocystinuria\t0.1", (MARFAN, HCU)),
    ("table without a rule", "| Marfan syndrome | 80% |\n| Homocystinuria disease | 10% |", (MARFAN, "Homocystinuria disease")),
    ("JSON with a list under one diagnosis", '{"diagnosis": ["Marfan syndrome", "Homocystinuria"], "why": "lens"}', (MARFAN, HCU)),
    ("identifiers before names", "1. OMIM:154700 - Marfan syndrome\n2. ORPHA:394 Homocystinuria", (MARFAN, HCU)),
    ("a belief", "I think it's Marfan syndrome.", (MARFAN,)),
    ("names to consider",
     "I would consider Marfan syndrome, Loeys-Dietz syndrome, and homocystinuria.", (MARFAN, LOEYS, "homocystinuria")),
    ("Chinese numerals", "一、马凡综合征\n二、高胱氨酸尿症", ("马凡综合征", "高胱氨酸尿症")),
    ("Chinese sentence", "最可能的诊断是马凡综合征。", ("马凡综合征",)),
    ("Japanese", "鑑別診断：\n１．マルファン症候群\n２．ホモシスチン尿症", ("マルファン症候群", "ホモシスチン尿症")),
]  # fmt: skip

UNREAD: list[tuple[str, str, Reading]] = [
    ("nothing", "", Reading.EMPTY),
    ("white space", " \n\t\r\n ", Reading.EMPTY),
    ("only marks", "<|im_end|></s>", Reading.EMPTY),
    ("a thought that never closes", "<think>\nThe patient is tall. Candidates:\n1. Marfan syndrome", Reading.TRUNCATED),
    ("a thought and nothing more", "<think>1. Marfan syndrome</think>\n", Reading.TRUNCATED),
    ("an analysis channel that never ends", "<|channel|>analysis<|message|>1. Marfan syndrome", Reading.TRUNCATED),
    ("an analysis without its marks", "analysisThe patient has Marfan syndrome", Reading.TRUNCATED),
    ("an answer tag and nothing more", "<answer>", Reading.TRUNCATED),
    ("JSON cut in the first name", '{"differential": ["Marfan syn', Reading.TRUNCATED),
    ("a refusal", "I'm sorry, but I can't provide a medical diagnosis. Please consult a physician.", Reading.REFUSED),
    ("a refusal with advice",
     "As an AI, I cannot provide a diagnosis. Please consult:\n- A clinical geneticist\n- A cardiologist", Reading.REFUSED),
    ("a German refusal", "Es tut mir leid, ich kann keine Diagnose stellen.", Reading.REFUSED),
    ("a Spanish refusal", "Lo siento, no puedo proporcionar un diagnóstico médico.", Reading.REFUSED),
    ("an Italian refusal", "Mi dispiace, non posso fornire una diagnosi.", Reading.REFUSED),
    ("a French refusal", "Je suis désolé, je ne peux pas poser de diagnostic.", Reading.REFUSED),
    ("a Portuguese refusal", "Sinto muito, não posso fornecer um diagnóstico.", Reading.REFUSED),
    ("a Dutch refusal", "Het spijt me, ik kan geen diagnose stellen.", Reading.REFUSED),
    ("a Polish refusal", "Przykro mi, nie mogę postawić diagnozy.", Reading.REFUSED),
    ("a Chinese refusal", "抱歉，我无法提供医疗诊断。", Reading.REFUSED),
    ("a refusal to advise", "I can't provide medical advice.", Reading.REFUSED),
    ("no doctor", "I cannot determine a diagnosis because I am not a doctor.", Reading.REFUSED),
    ("unknown", "Unknown", Reading.ABSTAINED),
    ("unknown, in bold", "**Unknown.**", Reading.ABSTAINED),
    ("unknown, numbered", "1. Unknown", Reading.ABSTAINED),
    ("unknown, twice", "1. Unknown\n2. Unknown", Reading.ABSTAINED),
    ("unknown, behind a label", "Final diagnosis: Unknown", Reading.ABSTAINED),
    ("unknown, in a tag", "<answer>unknown</answer>", Reading.ABSTAINED),
    ("unknown, after a thought", "<think>1. Gout?</think>\nUnknown", Reading.ABSTAINED),
    ("unknown, in JSON", '{"diagnosis": "unknown"}', Reading.ABSTAINED),
    ("unknown, in a JSON list", '["unknown"]', Reading.ABSTAINED),
    ("unknown, in a table", "| Rank | Diagnosis |\n|---|---|\n| 1 | Unknown |", Reading.ABSTAINED),
    ("unknown, and why", "Unknown.\n\nThe case lacks key findings.", Reading.ABSTAINED),
    ("not known to it", "I don't know.", Reading.ABSTAINED),
    ("not known, behind a label", "Diagnosis: I do not know the diagnosis.", Reading.ABSTAINED),
    ("no diagnosis", "No diagnosis can be made.", Reading.ABSTAINED),
    ("no diagnosis, and tests",
     "No diagnosis can be made. Recommended:\n- Genetic testing\n- MRI", Reading.ABSTAINED),
    ("the built-in diagnoser without findings",
     "No diagnosis can be given, because no finding was recognised in the case.", Reading.ABSTAINED),
    ("cannot determine", "Cannot determine", Reading.ABSTAINED),
    ("cannot be determined",
     "Based on the findings, a diagnosis cannot be determined. More tests are needed.", Reading.ABSTAINED),
    ("unable to determine", "I'm unable to determine a diagnosis from the information given.", Reading.ABSTAINED),
    ("too little to go on", "There is insufficient information to suggest a diagnosis.", Reading.ABSTAINED),
    ("Spanish, unknown", "Diagnóstico: desconocido", Reading.ABSTAINED),
    ("Spanish, not known to it", "No lo sé.", Reading.ABSTAINED),
    ("Spanish, cannot determine", "No se puede determinar un diagnóstico.", Reading.ABSTAINED),
    ("German, unknown", "Unbekannt", Reading.ABSTAINED),
    ("German, not known to it", "Ich weiß es nicht.", Reading.ABSTAINED),
    ("German, no diagnosis", "Es kann keine Diagnose gestellt werden.", Reading.ABSTAINED),
    ("French, unknown", "Inconnu", Reading.ABSTAINED),
    ("French, not known to it", "Je ne sais pas.", Reading.ABSTAINED),
    ("French, cannot determine", "Impossible de déterminer le diagnostic.", Reading.ABSTAINED),
    ("French, no diagnosis", "Aucun diagnostic ne peut être posé.", Reading.ABSTAINED),
    ("Italian, unknown", "Sconosciuto", Reading.ABSTAINED),
    ("Italian, not known to it", "Non lo so.", Reading.ABSTAINED),
    ("Italian, cannot determine", "Non è possibile determinare una diagnosi.", Reading.ABSTAINED),
    ("Portuguese, unknown", "Desconhecido", Reading.ABSTAINED),
    ("Portuguese, not known to it", "Não sei.", Reading.ABSTAINED),
    ("Portuguese, cannot determine", "Não é possível determinar o diagnóstico.", Reading.ABSTAINED),
    ("not applicable", "N/A", Reading.NO_LIST),
    ("a list of nothing", "1. N/A\n2. Unknown\n3. None", Reading.NO_LIST),
    ("placeholders", "1. <disease>\n2. [Disease name]\n3. ...", Reading.NO_LIST),
    ("an error", "ERROR: Max retries: timeout", Reading.NO_LIST),
    ("an error with a body", "Error code: 429 - {'error': {'message': 'Rate limit reached'}}", Reading.NO_LIST),
    ("a traceback", 'Traceback (most recent call last):\n  File "x.py", line 1', Reading.NO_LIST),
    ("a comment", "These diagnoses are not mostly incorrect, please check the patient information carefully.", Reading.NO_LIST),
    ("only reasoning",
     "1. The patient is tall and has a dilated aorta.\n2. The lens is dislocated, which is typical.", Reading.NO_LIST),
    ("empty JSON", '{"differential": []}', Reading.NO_LIST),
    ("numbers", "1\n2\n3", Reading.NO_LIST),
    ("emoji", "🤔🤔🤔", Reading.NO_LIST),
]  # fmt: skip


# text, and what it states of each name; names are Marfan syndrome, Homocystinuria, … as in the lists above
STATED: list[tuple[str, str, tuple[float | None, ...]]] = [
    ("percent in brackets", "1. Marfan syndrome (85 %)\n2. Homocystinuria (7.5%)", (0.85, 0.075)),
    ("a word and a decimal", "1. Marfan syndrome — confidence: 0.85\n2. Homocystinuria — confidence: .05", (0.85, 0.05)),
    ("a word and a decimal comma", "1. Marfan syndrome (probability 0,85)\n2. Homocystinuria (probability 0,05)", (0.85, 0.05)),
    ("a word and a percent", "1. Marfan syndrome, confidence 85%\n2. Homocystinuria, likelihood: ~5%", (0.85, 0.05)),
    ("a percent and a word", "1. Marfan syndrome (85% likely)\n2. Homocystinuria with 10% probability", (0.85, 0.1)),
    ("words around it", "1. Marfan syndrome, with a probability of 85%\n2. Homocystinuria with a probability of 5%", (0.85, 0.05)),
    ("a percent before the name", "1. 85% - Marfan syndrome\n2. (10%) Homocystinuria", (0.85, 0.1)),
    ("out of ten or a hundred", "1. Marfan syndrome (confidence 8/10)\n2. Homocystinuria - confidence: 15/100", (0.8, 0.15)),
    ("a level beside the number", "1. Marfan syndrome (high, 85%)\n2. Homocystinuria (confidence: low, 5%)", (0.85, 0.05)),
    ("bold", "1. **Marfan syndrome** (85%)\n2. **Homocystinuria** – 10%", (0.85, 0.1)),
    ("headings", "## Marfan syndrome (70%)\nTall.\n\n## Homocystinuria (20%)\nLens.", (0.7, 0.2)),
    ("why it follows", "1. Marfan syndrome - 80% - explains the aorta\n2. Homocystinuria: Confidence 5% because of the lens",
     (0.8, 0.05)),
    ("an aside between", "1. Marfan syndrome (FBN1) (80%)\n2. Homocystinuria (less likely) - 10%", (0.8, 0.1)),
    ("commas on one line", "Marfan syndrome (70%), Loeys-Dietz syndrome (20%), Homocystinuria (10%)", (0.7, 0.2, 0.1)),
    ("lines below",
     "1. Marfan syndrome\n   - **Confidence:** 85%\n   - Why: lens\n2. Homocystinuria\n   - **Confidence:** 0.1", (0.85, 0.1)),
    ("a line below one that is not the last", "1. Marfan syndrome\nConfidence: 85%\n2. Homocystinuria", (0.85, None)),
    ("a line below the only name", "Final diagnosis: Marfan syndrome\n\nReason: lens\nConfidence: 85%", (0.85,)),
    ("a sentence", "The most likely diagnosis is Marfan syndrome (85% confidence).", (0.85,)),
    ("plain lines", "Marfan syndrome, 85%\nHomocystinuria disease, 10%", (0.85, 0.1)),
    ("some of them", "1. Marfan syndrome (85%)\n2. Homocystinuria", (0.85, None)),
    ("JSON", '[{"diagnosis": "Marfan syndrome", "confidence": 0.85}, {"disease": "Homocystinuria", "probability": "10%"}]',
     (0.85, 0.1)),
    ("JSON in percent", '[{"diagnosis": "Marfan syndrome", "confidence": 85}, {"diagnosis": "Homocystinuria", "confidence": 1}]',
     (0.85, 0.01)),
    ("JSON that says percent", '{"diagnosis": "Marfan syndrome", "confidence_percent": 5}', (0.05,)),
    ("JSON of names in objects", '[{"disease": {"name": "Marfan syndrome"}, "likelihood": 0.5}]', (0.5,)),
    ("JSON with a final diagnosis",
     '{"final_diagnosis": "Marfan syndrome", "confidence": 0.7, "differential": [{"name": "Homocystinuria", "probability": 0.2}]}',
     (0.7, 0.2)),
    ("JSON with two lists", '{"diagnoses": ["Marfan syndrome", "Homocystinuria"], "confidences": [0.8, 0.1]}', (0.8, 0.1)),
    ("Python", "{'diagnosis': 'Marfan syndrome', 'confidence': 0.6}", (0.6,)),
    ("a table",
     "| Rank | Disease | Probability |\n|---|---|---|\n| 1 | **Marfan syndrome** | 80% |\n| 2 | Homocystinuria | low |",
     (0.8, None)),
    ("a table in percent",
     "| Disease | Confidence (%) |\n|---|---|\n| Marfan syndrome | 8 |\n| Homocystinuria | 1 |", (0.08, 0.01)),
    ("cells that say what they are", "1. Marfan syndrome | Confidence: 85\n2. Homocystinuria | Confidence: 5", (0.85, 0.05)),
    ("German", "1. Marfan-Syndrom (Wahrscheinlichkeit: 85 %)\n2. Homocystinurie – Wahrscheinlichkeit: 10 %", (0.85, 0.1)),
    ("Spanish", "1. Síndrome de Marfan (probabilidad: 85 %)\n2. Homocistinuria - confianza: 0,10", (0.85, 0.1)),
    ("Chinese", "1. 马凡综合征（85%）\n2. 高胱氨酸尿症（10%）", (0.85, 0.1)),
    ("a type before the percent", "1. Neurofibromatosis type 2 (50%)\n2. Spastic paraplegia 11, 25%", (0.5, 0.25)),
    ("types alone", "1. Neurofibromatosis type 2\n2. Glycogen storage disease, type 1", ()),
    ("numbers of genes and loci", "1. Spastic paraplegia 11\n2. DiGeorge syndrome (22q11.2 deletion syndrome)", ()),
    ("bare decimals", "1. Marfan syndrome 0.85\n2. Homocystinuria: 0.1", ()),
    ("ranges and bounds", "1. Marfan syndrome (80–90%)\n2. Homocystinuria (<5%)\n3. Stickler syndrome (> 10 %)", ()),
    ("levels", "1. Marfan syndrome (confidence: high)\n2. Homocystinuria – Moderate", ()),
    ("percent of something", "1. Marfan syndrome (in 85% of patients)\n2. Homocystinuria (90% penetrance)", ()),
    ("percent in an explanation", "1. Marfan syndrome: the lens dislocates in 60%\n2. Homocystinuria (CBS, 95%)", ()),
    ("a probability of something", "1. Marfan syndrome\n2. Huntington disease – chorea, transmission probability: 0.5", ()),
    ("one line below a list", "1. Marfan syndrome\n2. Homocystinuria\n\nConfidence: 80%", ()),
    ("marks out of ten",
     '[{"diagnosis": "Marfan syndrome", "likelihood": 9}, {"diagnosis": "Homocystinuria", "likelihood": 3}]', ()),
    ("nothing or all",
     '[{"diagnosis": "Marfan syndrome", "confidence": 1}, {"diagnosis": "Homocystinuria", "confidence": true}]', ()),
    ("too much", "1. Marfan syndrome (120%)\n2. Homocystinuria (confidence: 1.2)", ()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "confidences"), [pytest.param(text, stated, id=name) for name, text, stated in STATED])
def test_an_answer_gives_the_confidences_it_states(text: str, confidences: tuple[float | None, ...]) -> None:
    answer = parse(text)
    assert answer.confidences == pytest.approx(confidences)
    assert not answer.confidences or len(answer.confidences) == len(answer.names)


def test_a_confidence_does_not_stick_to_its_name() -> None:
    answer = parse("1. 85% - Marfan syndrome\n2. Homocystinurie – Wahrscheinlichkeit: 10 %\n3. Stickler disease with 5% confidence")
    assert answer.names == ("Marfan syndrome", "Homocystinurie", "Stickler disease")


def test_an_unknown_among_names_is_left_out() -> None:
    answer = parse("1. Marfan syndrome (60%)\n2. Unknown (30%)\n3. Homocystinuria (10%)")
    assert answer.names == ("Marfan syndrome", "Homocystinuria")
    assert answer.reading is Reading.LIST
    assert answer.confidences == (0.6, 0.1)


@pytest.mark.parametrize(("text", "names"), [pytest.param(text, names, id=name) for name, text, names in LISTS])
def test_an_answer_gives_its_names(text: str, names: tuple[str, ...]) -> None:
    answer = parse(text)
    assert answer.names == names
    assert answer.reading is Reading.LIST
    assert answer.how


@pytest.mark.parametrize(("text", "reading"), [pytest.param(text, reading, id=name) for name, text, reading in UNREAD])
def test_an_answer_without_names_says_why(text: str, reading: Reading) -> None:
    answer = parse(text)
    assert answer.names == ()
    assert answer.reading is reading


def test_answers_of_real_models_that_state_no_confidence_are_given_none(data_root: Path) -> None:
    with gzip.open(data_root / "linking" / "llm_answers.jsonl.gz", "rt", encoding="utf-8") as handle:
        answers = [parse(json.loads(line)["text"]) for line in handle]
    assert Counter(each.reading for each in answers) == {Reading.LIST: 894, Reading.NO_LIST: 4}
    assert {each.confidences for each in answers} == {()}


FAMILIES = ["Marfan", "Loeys-Dietz", "Ehlers-Danlos", "von Hippel-Lindau", "Sjögren-Larsson", "46,XY", "3-M", "22q11.2 deletion"]
KINDS = ["syndrome", "disease", "ataxia", "encephalopathy", "muscular dystrophy", "disorder of sex development", "retinitis"]
TAILS = ["", " 2", " type 1A", " type II", ", vascular type", ", autosomal recessive, 12", " (FBN1-related)", ": classic form",
         " - intellectual disability syndrome", "/deafness", " due to GNAS mutation", " with or without anosmia"]  # fmt: skip
PIECES = ["\n", "1. ", "2) ", "- ", "**", "|", "---", '{"diagnosis": "', '"]', "<think>", "</think>", "<answer>", "\\boxed{", "# ",
          "(", ")", ": ", ", ", "; ", " is ", "Final diagnosis: ", "Next steps:\n", "[1]", "90%", "Confidence: 0.5\n",
          "Unknown\n", "I don't know. "]  # fmt: skip
NAMES = st.builds(lambda family, kind, tail: f"{family} {kind}{tail}", *map(st.sampled_from, (FAMILIES, KINDS, TAILS)))
ANY_TEXT = st.text() | st.lists(NAMES | st.sampled_from(PIECES), max_size=30).map("".join)


@given(ANY_TEXT, st.integers(1, 12))
def test_any_text_is_read_without_an_error(text: str, limit: int) -> None:
    answer = parse(text, limit)
    assert len(answer.names) <= limit
    assert len({plain(name) for name in answer.names}) == len(answer.names)
    assert (answer.reading is Reading.LIST) == bool(answer.names)
    assert len(answer.confidences) in (0, len(answer.names))
    assert all(each is None or 0 <= each <= 1 for each in answer.confidences)


@given(ANY_TEXT)
def test_a_lower_limit_gives_the_first_names_of_a_higher_one(text: str) -> None:
    assert parse(text, 3).names == parse(text, 10).names[:3]


@given(st.lists(NAMES, min_size=1, max_size=10, unique_by=plain))
@pytest.mark.parametrize(
    "layout", ["{n}. {name}", "{n}) **{name}**", "- {name}", "#{n}: {name}", "| {n} | {name} |", "{n}. {name} (85%)"]
)
def test_names_come_back_from_every_layout(layout: str, names: list[str]) -> None:
    head = "| Rank | Diagnosis |\n|---|---|\n" if "|" in layout else ""
    text = head + "\n".join(layout.format(n=n, name=name) for n, name in enumerate(names, 1))
    assert parse(text).names == tuple(names)


@given(st.lists(st.tuples(NAMES, st.integers(0, 100)), min_size=1, max_size=10, unique_by=lambda each: plain(each[0])))
@pytest.mark.parametrize(
    "layout", ["{n}. {name} ({p}%)", "{n}) **{name}** – {p} %", "- {name}, confidence: {p}%", "{n}. {name}\n   Probability: {p}%"]
)
def test_confidences_come_back_from_every_layout(layout: str, said: list[tuple[str, int]]) -> None:
    answer = parse("\n".join(layout.format(n=n, name=name, p=p) for n, (name, p) in enumerate(said, 1)))
    assert answer.names == tuple(name for name, _ in said)
    assert answer.confidences == tuple(p / 100 for _, p in said)


LONG = ["(", "[", "{", '{"a":', '["a" ', '"a",', "**", "*a* ", "|", "a|", "<think>", "<answer>", "<ul><li>", "\\boxed{", "1. ",
        "1.\n", "1. a\n", "- a\n", "# ", "**a**\n", "a:\n", " ", "\n", "a, ", "the ", "diagnosis is A, b (", "most likely ", "(1% ",
        "– ", ". A", "<b ", "5", "5%", "5% ", "5 % likely", "(5%, ", "confidence: ", "high ", "with a ", "unknown ", "unknown\n",
        "- confidence: 5%\n", "cannot determine ", "&amp;", "一、", "x"]  # fmt: skip


@pytest.mark.parametrize("piece", LONG)
def test_a_long_repetitive_answer_ends_in_few_names(piece: str) -> None:
    assert len(parse(piece * (10_000 // len(piece))).names) <= MAX_RANK

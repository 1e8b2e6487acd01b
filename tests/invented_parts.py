"""The hand-written parts of the invented disease names: per kind its forms, with holes in braces, and what fills the holes.

The parts were chosen so that no composed name is one of HPO's, Mondo's, ORDO's, MeSH's or the Disease Ontology's, no number, letter
or type mark lies inside its series, no gene of kind 4 is an approved, former or alias symbol of HGNC, those of kind 5 are, and no
band of kind 9 is on a human chromosome.
"""

from __future__ import annotations

from collections.abc import Sequence

Pools = dict[str, Sequence[str]]


def words(text: str) -> list[str]:
    """The words of a text, in order."""
    return text.split()


def phrases(text: str) -> list[str]:
    """What stands between the commas of a text that may run over lines, in order."""
    return [" ".join(part.split()) for part in text.split(",") if part.strip()]


def lines(text: str) -> list[str]:
    """The lines of a text that are not empty, in order."""
    return [line.strip() for line in text.splitlines() if line.strip()]


# Kind 1: eponyms of malformation, bone and skin against eponyms of brain, metabolism, blood, eye and glands.
DYSMORPHIC = words(
    "Crouzon Apert Pfeiffer Alagille Seckel Meckel Stickler Goldenhar Klippel Larsen Cockayne Bloom Werner Gorlin Cowden "
    "Netherton Darier Costello Noonan Marfan Weaver Sotos Rubinstein Robinow Kniest Jeune Fraser Nager Waardenburg Hurler"
)
METABOLIC = words(
    "Wilson Huntington Krabbe Canavan Leigh Alpers Lafora Gaucher Fabry Pompe McArdle Tarui Refsum Wolman Farber Batten "
    "Friedreich Steinert Kennedy Bartter Liddle Pendred Kallmann Glanzmann Kostmann Barth Danon Brugada Stargardt Norrie "
    "Griscelli Bruton"
)
RECOMBINED: Pools = {
    "a": DYSMORPHIC,
    "b": METABOLIC,
    "noun": words("syndrome syndrome syndrome syndrome disease disease disease dystrophy anomaly dysplasia encephalopathy"),
    "mode": phrases(
        "familial, congenital, classic, infantile, juvenile, autosomal recessive, autosomal dominant, X-linked, severe"
    ),
    "head": phrases(
        "spondyloepiphyseal dysplasia, ectodermal dysplasia, cerebellar ataxia, retinal dystrophy, lipodystrophy, ichthyosis, "
        "mental retardation syndrome, arthrogryposis, cutis laxa, myopathy, nephropathy"
    ),
}
RECOMBINED_FORMS = lines("""
    {a}-{b} {noun}
    {a}-{b} {noun}
    {b}-{a} {noun}
    {b}-{a} {noun}
    {a}–{b} {noun}
    {b}–{a} {noun}
    {mode} {b}-{a} {noun}
    {a}-{b} {noun}, {mode}
    {b}-{a} {noun} ({mode})
    {head}, {a}-{b} type
    {b}-{a} type {head}
    {a}-{b}-{a} syndrome
    {b}-{a}-{b} syndrome
    {a} {b} {noun}
    {a}-{b}'s disease
""")

# Kind 2: forms of one name, "/" between them; "#" is the number and "%" the same as a Roman numeral. Then the lowest and the
# highest number: the first is well above the series, in every nomenclature that counts it.
NUMBERED = lines("""
    Noonan syndrome # / Noonan syndrome type # / NS# (Noonan syndrome, type #) : 33 58
    spinocerebellar ataxia type # / SCA# / spinocerebellar ataxia # / ataxia, spinocerebellar, type # : 77 98
    spastic paraplegia # / SPG# / hereditary spastic paraplegia type # / spastic paraplegia #, autosomal recessive : 127 168
    developmental and epileptic encephalopathy # / DEE# / early infantile epileptic encephalopathy # / EIEE# : 158 197
    retinitis pigmentosa # / retinitis pigmentosa-# / RP# / retinitis pigmentosa, type # : 134 178
    deafness, autosomal recessive # / DFNB# / autosomal recessive nonsyndromic hearing loss # : 161 197
    deafness, autosomal dominant # / DFNA# / autosomal dominant nonsyndromic deafness # : 127 168
    intellectual developmental disorder, autosomal recessive # / MRT# / autosomal recessive mental retardation # : 128 166
    intellectual developmental disorder, autosomal dominant # / MRD# / mental retardation, autosomal dominant # : 124 169
    Joubert syndrome # / JBTS# / Joubert syndrome type # / Joubert syndrome-# : 63 88
    Bardet-Biedl syndrome # / BBS# / Bardet-Biedl syndrome type # / Bardet–Biedl syndrome (type #) : 41 66
    combined oxidative phosphorylation deficiency # / COXPD# / combined oxidative phosphorylation defect type # : 91 139
    mitochondrial complex I deficiency, nuclear type # / mitochondrial complex 1 deficiency nuclear type # / MC1DN# : 66 97
    mitochondrial DNA depletion syndrome # / MTDPS# / mitochondrial DNA depletion syndrome type # : 43 66
    osteogenesis imperfecta type % / osteogenesis imperfecta, type % / OI type % / osteogenesis imperfecta # : 33 39
    long QT syndrome # / LQT# / long QT syndrome type # / long QT syndrome-# : 34 57
    amyotrophic lateral sclerosis # / ALS# / amyotrophic lateral sclerosis type # / ALS type # : 51 78
    Parkinson disease # / PARK# / Parkinson disease #, autosomal recessive early-onset / PARK-# : 47 69
    Leber congenital amaurosis # / LCA# / Leber congenital amaurosis type # / amaurosis congenita of Leber, type # : 37 59
    nephronophthisis # / NPHP# / nephronophthisis type # / nephronophthisis-# : 46 69
    nephrotic syndrome, type # / NPHS# / nephrotic syndrome type # / steroid-resistant nephrotic syndrome # : 49 74
    primary ciliary dyskinesia # / CILD# / ciliary dyskinesia, primary, # / primary ciliary dyskinesia type # : 84 119
    hypomyelinating leukodystrophy # / HLD# / leukodystrophy, hypomyelinating, # : 54 83
    pontocerebellar hypoplasia type # / PCH# / pontocerebellar hypoplasia, type # / pontocerebellar hypoplasia # : 36 59
    familial hypertrophic cardiomyopathy # / CMH# / cardiomyopathy, familial hypertrophic, # : 56 83
    glycogen storage disease type % / glycogen storage disease % / GSD type % / GSD % / glycogenosis type % : 23 39
    mucopolysaccharidosis type % / MPS type % / MPS % / mucopolysaccharidosis, type % : 16 29
    maturity-onset diabetes of the young type # / MODY# / MODY, type # / maturity-onset diabetes of the young, type % : 31 39
    Meckel syndrome # / MKS# / Meckel syndrome type # / Meckel syndrome, type # : 37 58
    Usher syndrome type # / Usher syndrome, type % / Usher syndrome % / USH# : 12 29
    Stickler syndrome type # / Stickler syndrome, type % / STL# / Stickler syndrome type % : 19 34
    Waardenburg syndrome type # / Waardenburg syndrome type % / WS# / Waardenburg syndrome, type % : 14 29
    Loeys-Dietz syndrome # / LDS# / Loeys-Dietz syndrome type # / Loeys–Dietz syndrome, type % : 18 34
    Hermansky-Pudlak syndrome # / HPS# / Hermansky-Pudlak syndrome type # : 31 52
    oculocutaneous albinism type # / OCA# / albinism, oculocutaneous, type % / oculocutaneous albinism type % : 24 38
    Treacher Collins syndrome # / TCS# / Treacher Collins syndrome type # : 17 34
    Cornelia de Lange syndrome # / CDLS# / Cornelia de Lange syndrome type # / Brachmann-de Lange syndrome # : 23 48
    Coffin-Siris syndrome # / CSS# / Coffin-Siris syndrome type # : 37 59
    Meier-Gorlin syndrome # / MGORS# / Meier-Gorlin syndrome type # : 31 49
    Seckel syndrome # / SCKL# / Seckel syndrome type # / Seckel-type dwarfism # : 32 57
    Diamond-Blackfan anemia # / DBA# / anemia, Diamond-Blackfan, # : 51 78
    neuronal ceroid lipofuscinosis # / CLN# / ceroid lipofuscinosis, neuronal, # / NCL type # : 37 62
    Aicardi-Goutières syndrome # / AGS# / Aicardi-Goutieres syndrome type # : 26 47
    Brugada syndrome # / BRGDA# / Brugada syndrome type # : 31 52
    arrhythmogenic right ventricular dysplasia # / ARVD# / ARVC type # / ARVD/C # : 37 58
    primary microcephaly # / MCPH# / microcephaly #, primary, autosomal recessive : 66 93
    orofaciodigital syndrome % / OFD% / orofaciodigital syndrome type % / oral-facial-digital syndrome, type # : 31 39
    neurofibromatosis type # / neurofibromatosis type % / neurofibromatosis, type % : 13 28
    familial hemophagocytic lymphohistiocytosis # / FHL# / hemophagocytic lymphohistiocytosis, familial, # : 23 44
    progressive familial intrahepatic cholestasis # / PFIC# / cholestasis, progressive familial intrahepatic, # : 36 58
    neurodegeneration with brain iron accumulation # / NBIA# / NBIA type # : 31 54
    hypogonadotropic hypogonadism # with or without anosmia / Kallmann syndrome # : 62 89
    familial exudative vitreoretinopathy # / EVR# / exudative vitreoretinopathy # : 28 46
    distal arthrogryposis type # / DA# / arthrogryposis, distal, type # : 36 58
    multiple endocrine neoplasia type # / MEN type # / MEN# / multiple endocrine neoplasia, type % : 13 27
    Gaucher disease type # / Gaucher disease, type % / Gaucher type # : 11 27
    spinal muscular atrophy type # / SMA type # / spinal muscular atrophy type % : 15 29
    polycystic kidney disease # / PKD# / polycystic kidney disease #, autosomal dominant : 31 49
    lissencephaly # / LIS# / lissencephaly type # / classic lissencephaly type # : 34 52
    fibrosis of extraocular muscles, congenital, # / CFEOM# / congenital fibrosis of the extraocular muscles type # : 26 44
    episodic ataxia type # / EA# / episodic ataxia, type # : 27 43
    cerebral cavernous malformations # / CCM# / cerebral cavernous malformations-# : 23 41
    hereditary hemorrhagic telangiectasia type # / HHT# / telangiectasia, hereditary hemorrhagic, type # : 22 41
    Kabuki syndrome # / KABUK# / Kabuki syndrome type # / Kabuki make-up syndrome # : 16 34
""")

# Kind 3: a name, then marks that no nomenclature gives it.
LETTERED = lines("""
    Usher syndrome : 1Q 1R 1X 1Z 2K 2M 3H 3K IIM
    mucopolysaccharidosis : XIB XIVA IIIH IIIM IVG VIIC XB
    glycogen storage disease : IIIh IXm XVIIIc Ik VIf XXIb
    Charcot-Marie-Tooth disease : 1R 1U 3F 4R 4V 7C 8B 9D
    congenital disorder of glycosylation : IIIc IVb VIId Vf VIk
    limb-girdle muscular dystrophy : 4C 5A 3F R47 D19 6B
    dilated cardiomyopathy : 4F 5C 6A 1ZZ 7D
    Niemann-Pick disease : H K M C5 Q
    xeroderma pigmentosum : M Q R T K2
    Fanconi anemia : Z4 W3 AB K7 T5
    Waardenburg syndrome : 3F 4K IVM VIIB 2T
    hereditary sensory and autonomic neuropathy : IIR XIIB VIIIF IVG IM
    Ehlers-Danlos syndrome : VIIK XIVB IIIF VIH XVA
    Gaucher disease : 3H IIIK 4B VA 2F
    pontocerebellar hypoplasia : 4F 2R 8K 1T 5C
    peroxisome biogenesis disorder : 19C 23A 4H 7F 26B
    amelogenesis imperfecta : VIB IIIK VIIC IIR IVH
    brachydactyly : H3 K M2 F G A12
    Sanfilippo syndrome : F H K M
    Cockayne syndrome : F K VIII G
    Bernard-Soulier syndrome : F H D2 K
    achondrogenesis : IVC VIB IIK VA
    congenital dyserythropoietic anemia : IXb IIIf VIIc IIk
    pseudohypoaldosteronism : IIK IVB IIIF IIM VA
    pseudohypoparathyroidism : IK IVB IIIC VA IIF
    Bartter syndrome : 9B 4K 7A 3F VIIC
    distal arthrogryposis : 14C 2K 19B 6F 1R
    BH4-deficient hyperphenylalaninemia : H K M R
    maple syrup urine disease : 6C IVB VIIA 5D
    multiple endocrine neoplasia : 6C 2K VB 4F VIIA
    progressive familial intrahepatic cholestasis : 14B 6C 9F 3K
    methylmalonic aciduria : cblU cblQ cblZ mut7
    oculocutaneous albinism : IXB 4F IIK 6C 1R
    familial adenomatous polyposis : 9C 7F 12B
    neurofibromatosis : IXC 2K 11B XD 1R
    short rib-polydactyly syndrome : IXB VIIC IIK XF
    hereditary lymphedema : VIB IK 4F VIIIC
    focal cortical dysplasia : VIIb IVf IIk VIc
    von Willebrand disease : 4B 2K 5F 3R IVC
    cutis laxa, autosomal recessive : VIB IIK IVF VIIC
    congenital stationary night blindness : 4F 1R 2K 3C
    epidermolysis bullosa simplex : 9C 7F 11B 8K
    glutaric aciduria : VIB IVC IIK VIIF
    3-methylglutaconic aciduria : XVIB IVF XIK XIIIC
    porphyria cutanea tarda : VIB IVC VIIF
    hyperlipoproteinemia : IXb VIIc XIa IVf
    spinal muscular atrophy : IVK 6B VIIC 8F
    tyrosinemia : VIB IVK IIIC VF
    autosomal recessive congenital ichthyosis : 4K 19C 21F 23B
    autoimmune lymphoproliferative syndrome : VIB IIK IXC
    osteopetrosis, autosomal recessive : 14C 16F 2K 19B
    acrocephalosyndactyly : IXB VIIC XIF
    vitamin D-dependent rickets : 6C 4F IIK VB
    hereditary spastic paraplegia : 3K 9M 30R 72K 79Z
    Stickler syndrome : VIIIB IK 9C IIF
    mucolipidosis : VIB III-eta IXC VIIA
    Leigh syndrome : IVB 7C XK
    citrullinemia : IVB VIC 2K
    periodic paralysis : IVC 6F VIIB
    Hermansky-Pudlak syndrome : 2K 14B 5F XVIC
""")
LETTERED_FORMS = lines("""
    {n} type {m}
    {n} type {m}
    {n} type {m}
    {n} {m}
    {n} {m}
    {n}, type {m}
    {n}, type {m}
    {n} (type {m})
    {n} ({m})
    {n}-{m}
    type {m} {n}
    {n} type {m}, severe form
    {n} type {m}, infantile-onset
    {n} type {m} (probable novel subtype)
    {n}, subtype {m}
""")

# Kind 4: symbols that no gene has, and had or has as an alias, at two letters or more from every gene with a known disease.
UNREAL_GENES = words(
    "KRVX4 BTQLN7 ZNRP12 PLKSD3 SLC88B7 GREMB9 DNHV19 CLVK2 MYOQ4 HSPX33 ATPV7K KIF58B NDUFK26 COQ13 PEX98 ABCK14 RABL61 "
    "CYP94D1 TRAVLK3 FGFK47 WNTL28 SOXK77 KCNZ38 SCN77B GABRKO7 CACNA3K LRRK9B TBXL34 HOXF17 COL49A7 LAMD8 ITGAZ5 MMP58 "
    "ADAMTS66 CHDK57 KMT9K SMARCK7 BAZ6C ZEB58 PAX27B GLIS94 NKX9-4 FOXV9 GATA98 KLHL147 USP477 UBQR4 RNF811 HERC74 CUL28 "
    "ANKRD319 DYNK2 TUBQ9 SPTBMK7 MAPVX6 STX98 SNAP68 VPS91D COPQ77 SEC177 ARFGX9 GOLQ5 PIGZK3 ALGK57 DPM84 MGAT97 B9GALT4 "
    "GNPZ2 IDUB6 ARSV9 GUSL7 HEXM4 LIPQ8 ACADZ5 HADV3 ETFK9 CPT7D SUCLV6 OGDZ2 PDHL4 IDH9K MRPL183 TRMT317 POLW9 RARSK8 "
    "EXOSC47 DDX194 SNRPV3 XRQL2 VORT1 PLEMB6 QRDA2 NUVK7 OXFRD4 JAK8L STAT78 IRFL94 TLRK64 NLRP98 CARD138 TMEM619 FAM412B "
    "CCDC914 KIAA4471 C19orf513 LRRC247 DNAJC147 ZNF1947 WDR914 ZDHHC67 PCDHK14 TTC318 ARMC71 SPATA247 MFSD93 RBM249 THOC38"
)
UNREAL: Pools = {
    "g": UNREAL_GENES,
    "head": phrases(
        "encephalopathy, epileptic encephalopathy, neurodevelopmental disorder, spastic ataxia, leukoencephalopathy, "
        "cardiomyopathy, myopathy, retinopathy, nephropathy, immunodeficiency, skeletal dysplasia, ciliopathy, hearing loss, "
        "arthrogryposis, congenital disorder of glycosylation, short stature syndrome, microcephaly, dystonia, sensory "
        "neuropathy, mitochondrial disease, autoinflammatory syndrome, ichthyosis, hepatopathy, craniosynostosis, tubulopathy, "
        "connective tissue disorder, overgrowth syndrome, intellectual disability, thrombocytopenia, lipodystrophy, laminopathy"
    ),
    "mode": phrases("autosomal recessive, autosomal dominant, X-linked, de novo, biallelic, homozygous, mosaic, heterozygous"),
}
UNREAL_FORMS = lines("""
    {g}-related {head}
    {g}-related {head}
    {g}-associated {head}
    {g} deficiency
    {g} haploinsufficiency
    {mode} {g} deficiency
    {head} due to {g} deficiency
    {head} due to {mode} {g} variants
    {head} caused by mutation in {g}
    {head} ({g})
    {head}, {g}-related
    {g} {head}
    {g}-linked {head}
    {mode} {g}-related {head}
    {g} disorder
    {g}opathy
    {g} loss-of-function syndrome
    {head}, {mode}, {g}-related
    {g}-CDG
    {head} with {g} mutation
""")

# Kind 5: heads of one organ system each; then genes with the systems that they may touch, whose heads they never get.
HEADS = {
    "neuro": phrases(
        "epileptic encephalopathy, hereditary spastic paraplegia, spinocerebellar ataxia, neuronal ceroid lipofuscinosis"
    ),
    "bone": phrases(
        "craniosynostosis, osteopetrosis, spondyloepimetaphyseal dysplasia, acromesomelic dysplasia, multiple exostoses"
    ),
    "store": phrases("lysosomal storage disease, mucopolysaccharidosis, peroxisome biogenesis disorder, urea cycle disorder"),
    "eye": phrases("retinitis pigmentosa, corneal dystrophy, congenital cataract, Leber congenital amaurosis, cone-rod dystrophy"),
    "ear": phrases("nonsyndromic deafness, auditory neuropathy, sensorineural hearing loss"),
    "heart": phrases(
        "long QT syndrome, hypertrophic cardiomyopathy, Brugada syndrome, visceral heterotaxy, thoracic aortic aneurysm"
    ),
    "muscle": phrases("limb-girdle muscular dystrophy, nemaline myopathy, congenital myasthenic syndrome, myotonia congenita"),
    "blood": phrases("sideroblastic anemia, congenital neutropenia, hereditary spherocytosis, congenital dyserythropoietic anemia"),
    "kidney": phrases(
        "nephronophthisis, polycystic kidney disease, distal renal tubular acidosis, steroid-resistant nephrotic syndrome"
    ),
    "skin": phrases("epidermolysis bullosa, congenital ichthyosis, palmoplantar keratoderma, oculocutaneous albinism"),
    "immune": phrases(
        "severe combined immunodeficiency, agammaglobulinemia, hemophagocytic lymphohistiocytosis, hyper-IgM syndrome"
    ),
    "gland": phrases(
        "congenital adrenal hyperplasia, complete gonadal dysgenesis, neonatal diabetes mellitus, hypogonadotropic hypogonadism"
    ),
    "lung": phrases("primary ciliary dyskinesia, surfactant metabolism dysfunction, pulmonary alveolar proteinosis"),
    "liver": phrases("progressive familial intrahepatic cholestasis, polycystic liver disease, Crigler-Najjar syndrome"),
    "gut": phrases("microvillus inclusion disease, congenital chloride diarrhea, Hirschsprung disease, tufting enteropathy"),
    "tumor": phrases(
        "hereditary paraganglioma, familial adenomatous polyposis, multiple endocrine neoplasia, rhabdoid tumor syndrome"
    ),
}
TOUCHED = lines("""
    FBN1 : bone eye heart skin lung muscle tumor ear
    CFTR : lung liver gut gland skin immune
    F8 F9 : blood immune
    PAH : neuro skin store
    HEXA : neuro store eye muscle
    GAA : muscle heart store neuro ear liver
    RHO RPE65 ABCA4 : eye ear neuro kidney skin lung
    USH2A : eye ear lung
    MYBPC3 : heart muscle
    KCNQ1 : heart ear gland gut neuro tumor
    COL2A1 : bone eye ear
    FGFR3 : bone skin tumor ear neuro gland eye
    KRT14 KRT5 TGM1 : skin ear immune neuro
    COL7A1 : skin gut tumor
    LDLR : heart liver
    APC : tumor gut skin eye bone liver
    RB1 : eye tumor bone
    HTT ATXN3 : neuro muscle
    SMN1 : neuro muscle heart
    MECP2 : neuro heart gut lung muscle immune
    UBE3A : neuro skin eye
    PKD1 : kidney liver heart lung
    NPHS1 : kidney
    COL4A5 : kidney ear eye tumor muscle heart
    OTC : liver neuro store
    GALT : liver neuro eye gland blood store
    IDUA : store bone eye heart neuro ear skin
    BTK : immune gland blood ear neuro
    IL2RG : immune skin blood
    HFE : liver gland heart skin bone blood
    ATP7B : liver neuro eye blood kidney muscle
    AVPR2 : kidney gland
    CYP21A2 : gland skin kidney heart
    FLG : skin immune
    TYR : eye skin ear gut immune blood
    DMD : muscle heart neuro eye gland store
    SGCA : muscle heart
    HBB : blood eye kidney gland lung heart bone liver immune
    G6PD : blood eye immune liver
    GJB2 : ear skin eye
    OTOF : ear neuro
    SFTPB : lung
    DNAH5 : lung heart gland ear liver kidney
    ABCB11 : liver tumor blood
    MLH1 : tumor gut skin neuro immune blood
    PROC : blood eye neuro
    UROD : skin liver blood
""")
MISPLACED_FORMS = lines("""
    {g}-related {h}
    {g}-related {h}
    {g}-associated {h}
    {g} {h}
    {h} ({g})
    {h}, {g}-related
    {h} due to {g} mutation
    {h} caused by mutation in {g}
    autosomal recessive {g}-related {h}
    {h} due to biallelic {g} variants
    {g}-linked {h}
    early-onset {g}-associated {h}
""")

# Kind 6: a disease, then modes of inheritance, ages and organs that would make it another one, and that no form of it has.
MODIFIED = lines("""
    Marfan syndrome : X-linked, Y-linked, hepatic, demyelinating, cholestatic, hemolytic
    Rett syndrome : Y-linked, hepatic, renal, cutaneous, hemolytic, elderly-onset
    achondroplasia : X-linked, cardiac, mitochondrially inherited, adult-onset, hepatic, retinal
    cystic fibrosis : autosomal dominant, X-linked, cerebellar, retinal, mitochondrially inherited, demyelinating
    Huntington disease : X-linked, congenital, renal, cutaneous, mitochondrially inherited, pulmonary, cholestatic
    Tay-Sachs disease : autosomal dominant, X-linked, cutaneous, skeletal, pulmonary, Y-linked
    Duchenne muscular dystrophy : Y-linked, hepatic, elderly-onset, cutaneous, hemolytic, mitochondrially inherited
    phenylketonuria : X-linked, autosomal dominant, pulmonary, skeletal, hemolytic, Y-linked
    sickle cell disease : X-linked, Y-linked, mitochondrially inherited, demyelinating, cerebellar
    hemophilia A : Y-linked, mitochondrially inherited, retinal, cutaneous, demyelinating, cholestatic
    Angelman syndrome : Y-linked, hepatic, cardiac, elderly-onset, cutaneous, hemolytic
    Prader-Willi syndrome : hepatic, demyelinating, elderly-onset, hemolytic, cholestatic
    Treacher Collins syndrome : X-linked, mitochondrially inherited, hepatic, adult-onset, demyelinating, pulmonary
    Williams syndrome : X-linked, mitochondrially inherited, elderly-onset, demyelinating, cholestatic
    Fabry disease : autosomal dominant, Y-linked, skeletal, hepatic, hemolytic, cerebellar
    Gaucher disease : X-linked, autosomal dominant, Y-linked, renal, demyelinating
    Pompe disease : autosomal dominant, cutaneous, retinal, Y-linked, demyelinating
    Wilson disease : X-linked, autosomal dominant, mitochondrially inherited, cutaneous, pulmonary, congenital
    Alport syndrome : mitochondrially inherited, hepatic, cutaneous, Y-linked, demyelinating
    neurofibromatosis type 1 : X-linked, mitochondrially inherited, cholestatic, hemolytic, Y-linked
    tuberous sclerosis : X-linked, autosomal recessive, mitochondrially inherited, hemolytic, demyelinating
    Stargardt disease : cardiac, hepatic, renal, mitochondrially inherited, skeletal, Y-linked
    Leber hereditary optic neuropathy : Y-linked, hepatic, cutaneous, skeletal, renal, cholestatic
    Menkes disease : autosomal dominant, Y-linked, elderly-onset, hemolytic, cholestatic
    Lesch-Nyhan syndrome : autosomal dominant, Y-linked, cholestatic, elderly-onset, retinal, pulmonary
    Lowe syndrome : autosomal dominant, Y-linked, pulmonary, hemolytic, elderly-onset
    Barth syndrome : autosomal dominant, Y-linked, cutaneous, elderly-onset, retinal, hepatic
    Kabuki syndrome : Y-linked, mitochondrially inherited, demyelinating, elderly-onset, pulmonary
    Apert syndrome : X-linked, hepatic, autosomal recessive, mitochondrially inherited, adult-onset, renal
    thanatophoric dysplasia : X-linked, adult-onset, elderly-onset, mitochondrially inherited, hemolytic, retinal
    campomelic dysplasia : X-linked, adult-onset, hepatic, mitochondrially inherited, retinal
    osteogenesis imperfecta : mitochondrially inherited, hepatic, renal, Y-linked, demyelinating
    hypochondroplasia : X-linked, hepatic, mitochondrially inherited, hemolytic, retinal
    Friedreich ataxia : X-linked, cutaneous, hepatic, hemolytic, Y-linked
    spinocerebellar ataxia type 3 : hepatic, congenital, cutaneous, renal, mitochondrially inherited
    myotonic dystrophy type 1 : X-linked, hemolytic, cutaneous, renal, Y-linked
    facioscapulohumeral muscular dystrophy : mitochondrially inherited, hepatic, renal, hemolytic, Y-linked
    Zellweger syndrome : autosomal dominant, elderly-onset, Y-linked, hemolytic
    Krabbe disease : autosomal dominant, X-linked, cutaneous, hepatic, hemolytic
    metachromatic leukodystrophy : autosomal dominant, X-linked, cutaneous, hemolytic, skeletal
    Canavan disease : autosomal dominant, X-linked, hepatic, elderly-onset, skeletal
    Alexander disease : X-linked, hepatic, cutaneous, mitochondrially inherited, renal
    maple syrup urine disease : X-linked, autosomal dominant, skeletal, retinal, Y-linked
    galactosemia : autosomal dominant, X-linked, skeletal, cutaneous, pulmonary
    alkaptonuria : mitochondrially inherited, demyelinating, pulmonary, Y-linked, X-linked
    Hutchinson-Gilford progeria syndrome : X-linked, elderly-onset, mitochondrially inherited, cholestatic
    Bloom syndrome : X-linked, autosomal dominant, mitochondrially inherited, demyelinating
    ataxia-telangiectasia : X-linked, skeletal, mitochondrially inherited, renal, Y-linked
    xeroderma pigmentosum : mitochondrially inherited, hepatic, renal, Y-linked
    Peutz-Jeghers syndrome : X-linked, mitochondrially inherited, cerebellar, Y-linked, demyelinating
    von Hippel-Lindau disease : X-linked, mitochondrially inherited, skeletal, hemolytic, Y-linked
    Waardenburg syndrome type 1 : X-linked, mitochondrially inherited, hepatic, renal, adult-onset
    Usher syndrome : mitochondrially inherited, hepatic, cutaneous, Y-linked, renal
    cystinosis : X-linked, autosomal dominant, Y-linked, hemolytic
    Crigler-Najjar syndrome : X-linked, skeletal, retinal, mitochondrially inherited, cutaneous
    CADASIL : X-linked, hepatic, congenital, Y-linked, hemolytic
    Holt-Oram syndrome : X-linked, mitochondrially inherited, hepatic, demyelinating, adult-onset
    nail-patella syndrome : X-linked, mitochondrially inherited, hepatic, hemolytic, pulmonary
    Cornelia de Lange syndrome : mitochondrially inherited, hemolytic, elderly-onset, demyelinating, Y-linked
    Wiskott-Aldrich syndrome : Y-linked, skeletal, retinal, mitochondrially inherited, demyelinating
    Chédiak-Higashi syndrome : X-linked, autosomal dominant, skeletal, mitochondrially inherited
    epidermolysis bullosa simplex : Y-linked, hepatic, mitochondrially inherited, cerebellar, demyelinating
    Netherton syndrome : X-linked, autosomal dominant, cardiac, elderly-onset, demyelinating
    choroideremia : cardiac, hepatic, cholestatic, Y-linked, hemolytic
    Beckwith-Wiedemann syndrome : mitochondrially inherited, demyelinating, elderly-onset, Y-linked
    Down syndrome : adult-onset, X-linked, autosomal recessive, elderly-onset
    Edwards syndrome : adult-onset, X-linked, autosomal dominant, elderly-onset
    Ellis-van Creveld syndrome : X-linked, mitochondrially inherited, demyelinating, adult-onset
    diastrophic dysplasia : X-linked, autosomal dominant, hepatic, adult-onset
    cleidocranial dysplasia : X-linked, hepatic, mitochondrially inherited, hemolytic
    Crouzon syndrome : X-linked, hepatic, mitochondrially inherited, renal
""")
MODIFIED_FORMS = lines("""
    {m} {h}
    {m} {h}
    {m} {h}
    {h}, {m}
    {h} ({m})
    {h}, {m} form
    {h}, {m} type
    {m} variant of {h}
    {m} form of {h}
    {h} - {m}
""")

# Kind 7: three organs that no disease joins, the first or second always one that compounds seldom hold.
COMPOUND: Pools = {
    "x": words(
        "sigmoido salpingo uvulo pleuro tonsillo vago nucho mediastino appendiculo prostato omento caeco sphenoido ethmoido "
        "lingulo perineo"
    ),
    "y": words("cerebro retino dermo chondro nephro osteo hepato onycho pneumo corneo cerebello neuro angio adipo kerato lipo"),
    "z": words("sternal pelvic orbital femoral tibial malleolar sacral axillary coccygeal ulnar mastoid hyoidal"),
    "single": words(
        "leukosplenodystrophy glossoretinosis chondroglossolysis hyalocolopathy patellodermosclerosis laryngoretinopathy "
        "pleurodermatosis cholangiodactyly splenocraniosis umbilicodystrophy pneumodactylosis corneosplenosis "
        "adipoglossodysplasia osteothymosis angiopatellosis dermocolodystrophy tonsilloneurolysis uvulochondrosis "
        "prostatokeratosis hypophysodactyly omentodystrophy vagochondrolysis zygomonephrosis appendiculosclerosis pleuroglossosis "
        "nuchodermolysis caecoretinopathy trochleomyelosis"
    ),
    "noun": words("dysplasia dystrophy syndrome hypoplasia degeneration dysostosis dysgenesis sclerosis atrophy agenesis"),
    "mode": phrases("familial, congenital, progressive, infantile, autosomal recessive, X-linked, juvenile, hereditary, lethal"),
    "type": words("I II III 1 2 4 A B"),
}
COMPOUND_FORMS = lines("""
    {x}{y}{z} {noun}
    {y}{x}{z} {noun}
    {x}-{y}-{z} {noun}
    {y}-{x}-{z} {noun}
    {x}{y}-{z} syndrome
    {mode} {x}{y}{z} {noun}
    {y}{x}{z} {noun}, {mode}
    {x}{y}{z} {noun} type {type}
    {noun}, {x}-{y}-{z}
    {noun}, {y}{x}{z}, {mode}
    {mode} {single}
    {single}
    {single}, {mode}
    {single} type {type}
""")

# Kind 8: acids, sugars and trace metals that human metabolism does not know as diseases, and what could be missing of them.
CATALYSED: Pools = {
    "p": words("3-hydroxy 2-oxo 4-methyl 5-phospho 6-deoxy 2-keto 3-amino 4-oxo N-acetyl 2,4-dihydroxy 7-carboxy"),
    "acid": words(
        "octulonate heptarate allomuconate psicuronate lyxonate altronate fucarate azelolactate citramuconate quinolactate "
        "ornithurate mannulonate threuronate idosuccinate suberolactate octarate tagarate xyluconate glutarimidate pimelurate"
    ),
    "acyl": words("azelolactyl isosuberyl muconyl pimeloyl-lactyl octaroyl heptaroyl tetracosenyl-lactyl fucaroyl citramuconyl"),
    "sugar": words("psicose altrose idose talosamine tagaturose allulosamine sedoheptosamine rhamnulose quinovose gulosamine"),
    "metal": words("vanadium strontium gallium tungsten rubidium cesium scandium yttrium germanium lanthanum boron lithium"),
    "enzyme": words("mutase epimerase hydratase dehydratase isomerase reductase aldolase kinase decarboxylase racemase synthase"),
    "thio": words("thiolase ligase hydrolase dehydrogenase carboxylase mutase isomerase transferase lyase"),
    "place": words("cytosolic mitochondrial peroxisomal lysosomal hepatic renal microsomal muscle erythrocyte"),
}
CATALYSED_FORMS = lines("""
    {p}{acid} {enzyme} deficiency
    {p}{acid} {enzyme} deficiency
    {place} {p}{acid} {enzyme} deficiency
    deficiency of {p}{acid} {enzyme}
    {acid} {enzyme} deficiency, {place}
    {p}{acyl}-CoA {thio} deficiency
    {acyl}-CoA {thio} deficiency
    {p}{acyl}-CoA {thio} deficiency ({place})
    {sugar}-6-phosphate {enzyme} deficiency
    {place} {sugar}-1-phosphate {enzyme} deficiency
    {sugar} malabsorption, congenital
    UDP-{sugar} {enzyme} deficiency
    {place} {sugar} transporter deficiency
    {p}{acid} transport defect
    {place} {acid} carrier deficiency
    {metal} transporter deficiency
    {metal} cofactor synthesis deficiency
    {place} {metal} transport disorder
    {metal} storage disease, hereditary
    {p}{acid} aciduria
    excess of {sugar} due to {enzyme} deficiency
""")

# Kind 9: per chromosome arm the last region (the digit after p or q) that it has.
REGIONS = {
    **dict.fromkeys(words("13p 14p 15p 16p 17p 18p 19p 20p 21p 22p 19q 20q 22q 4p 5p 10p 11p 12p Yp Yq"), 1),
    **dict.fromkeys(words("2p 3p 6p 7p 8p 9p Xp 3q 6q 8q 10q 11q 12q 15q 16q 17q 18q 21q Xq"), 2),
    **dict.fromkeys(words("1p 2q 4q 5q 7q 9q 13q 14q"), 3),
    "1q": 4,
    **dict.fromkeys(words("24p 24q 25p 25q 26p 26q 27p 27q 28q 29q"), 1),
}
BAND_FORMS = lines("""
    {band} microdeletion syndrome
    {band} microduplication syndrome
    chromosome {band} deletion syndrome
    chromosome {band} duplication syndrome
    {band} deletion syndrome
    deletion {band}
    monosomy {band}
    proximal {band} microdeletion syndrome
    distal {band} deletion
    {band} triplication syndrome
    del({chromosome})({band})
    {band} recurrent microdeletion syndrome (1.4 Mb)
    homozygous {band} deletion syndrome
""")
ACRONYMS = words(
    "PLOVAC TRIBLOC DREVAN SKOMEL HYPTAC CLADOR MORVEP GLEMOS PRAVID TOCLAN VELPRAS CRINDOS BLEPTAC NEPHTOC ROPLAD DYSTOC "
    "FECRAN HIPLAC OVELTAM MACROND SPLICOM THRAMEL KIRBAS LUMPREC PADLOM ARVICOT BRADELM CERVOMA DULCAM ECTROB FLAMNID "
    "GRAVOLD HELMOP INCRAD KELPROM LAVIDOC MYCROD NOVELAP OSTRIM PELTRAC RADICOM SCOLAMP TELVORD ULNACOM VISCROD MIDRAC "
    "CHOLVEN DACROM ENTROPAC FIBLOM GASTROLD HYDRAMP ICHTOB LEPRONA MELCRAD NODAVIC OPTRAM PHALDOC RETSPAM SINCOLD TRACHOV"
)
ACRONYM_FORMS = lines("""
    {a} syndrome
    {a} syndrome
    {a} syndrome
    {a} association
    {a} sequence
    {a} syndrome type 2
    {a} spectrum disorder
    {a} syndrome, X-linked
    autosomal dominant {a} syndrome
    {a} syndrome ({expansion})
    {a} ({expansion}) syndrome
""")
FEATURES = phrases(
    "ataxia, atresia of choanae, brachydactyly, blepharoptosis, cataract, coloboma, deafness, dysplastic nails, epilepsy, "
    "exostoses, facial clefts, finger webbing, goiter, genital hypoplasia, hyperhidrosis, heart block, ichthyosis, iris "
    "heterochromia, keratoderma, kyphosis, lipomas, laryngomalacia, microcephaly, myopathy, nephrolithiasis, neutropenia, "
    "oligodontia, optic atrophy, ptosis, pancreatitis, retinal folds, renal cysts, scoliosis, splenomegaly, thrombocytopenia, "
    "tremor, ulnar agenesis, urticaria, vitiligo, ventricular septal defect, yellow nails"
)

# Kind 10: surnames and places without a disease, surnames that resemble a known eponym, and new words.
COINED: Pools = {
    "p": words(
        "Okonkwo Lindqvist Vandersloot Adeyemi Szymczak Oyelaran Brandvold Tsukamori Ferreyra Halloway Ndiaye Kowalenko "
        "Pereswetoff Quintavalle Rasmolin Sithebe Thorvaldsen Ueberroth Villalobar Wachira Yildirim Zubietarra Achterberg "
        "Bhattarai Carbonellas Dumitrescu-Pană Eskelinen Fagundes Gulbrandsen Hrabovsky Iturralde Jeyaratnam Kvernmo Lamptey "
        "Mukasa Nakashidze Ostrander"
    ),
    "near": words(
        "Kabubi-Strand Marfeldt-Oyono Gauthier-Brandvold Huntley-Asker Lowenberg-Kyei Rettberg-Aoki Leightner-Marsh "
        "Crouzier-Ndiaye Noordhof-Pires Barthelme-Quist Dentley-Osei Alporta-Reyes Fanconelli-Ruud Usherwood-Teague "
        "Wilsonby-Hegde Stargarth-Moyo Pompelli-Vance Fabrizi-Lund Krabbenhoft-Diallo Hurlimann-Soto Bloomquist-Adu Weaverly-Cho "
        "Larsgaard-Nwosu Bruganti-Holm"
    ),
    "place": words(
        "Tromsø Rovaniemi Szeged Cuzco Arequipa Mombasa Gdańsk Utsunomiya Kumasi Tashkent Nuuk Valparaíso Asunción Hobart Dunedin "
        "Reykjanes Kagoshima Bergamo Trondheim Ljubljana Antofagasta Jaipur Windhoek Bruges Saskatoon Chiang-Mai Tartu"
    ),
    "new": words(
        "spiculomelia vermilosis thalvorosis cordellaria lacunorhexis virgomelanosis ostiolarosis limbopathia trabeculonecria "
        "ferulomyelia gyromalinia baculorrhexis stellagenesia rugomatosis papyrodontia crenophakia vitrolalia nodocapria "
        "fenestroplegia striatolexia arcualgia plicalgesia cuneomelia sulcodystaxia torquodermia"
    ),
    "noun": words("syndrome syndrome disease dystrophy ataxia chorea myopathy anomaly nephropathy dysplasia neuropathy fever"),
    "mode": phrases("familial, congenital, hereditary, progressive, infantile, autosomal recessive, X-linked, benign, lethal"),
}
COINED_FORMS = lines("""
    {p}-{p} {noun}
    {p}-{p} {noun}
    {p}–{p} {noun}
    {place} {noun} of {p}
    {place} {noun}
    {p}'s {noun}
    {noun} of {p} and {p}
    {near} {noun}
    {near} {noun}
    {near} {noun}, {mode}
    {noun}, {place} type
    {mode} {p}-{p} {noun}
    {mode} {new}
    {new}
    {new}, {place} type
    {p} {new}
    {p}-{p}-{p} syndrome
    {place}-{p} {noun}
    {noun}, {mode}, {p}-{p} type
""")

DECORATIONS = lines("""
    suspected {}
    {} (likely)
    probable {}
    possible {}
    {}?
    {} (suspected)
    {} - most likely
    {} (to be confirmed genetically)
    query {}
    atypical {}
""")

# Kinds whose names may carry a gene in brackets, an unreal one: a real gene behind another kind's name could mean its own disease.
BRACKETED = ("recombined eponyms", "invented compounds", "invented deficiencies", "coined names")

"""French and English words of health cohorts: what everybody asks, 500 concepts, thousands of rarer terms.

Some slots of a text (who, when, how often, ...) take one of a few values, so that each of their words stands in 10 to
30 % of the documents. Concepts and terms follow Zipf's law. The terms are made as medicine makes its own, of a Greek
root and a suffix, and so are as many as are wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final, NamedTuple


class Pair(NamedTuple):
    """One thing said in French and in English."""

    fr: str
    en: str


def _pairs(text: str) -> tuple[Pair, ...]:
    return tuple(Pair(*line.split(" | ")) for line in text.strip().splitlines())


OPENINGS: Final = _pairs("""
Pouvez-vous décrire | Can you describe
Veuillez indiquer | Please specify
Comment évaluez-vous | How do you rate
Avez-vous constaté un problème concernant | Have you noticed a problem concerning
Un médecin a-t-il mentionné | Has a doctor mentioned
Êtes-vous satisfait concernant | Are you satisfied concerning
""")
ASPECTS: Final = _pairs("""
Fréquence | Frequency
Durée | Duration
Intensité | Intensity
Début | Onset
Traitement | Treatment
Conséquences | Consequences
Évolution | Course
""")
PEOPLE: Final = _pairs("""
la mère | the mother
le père | the father
l'enfant | the child
le conjoint | the partner
les grands-parents | the grandparents
le patient | the patient
""")
PERIODS: Final = _pairs("""
au cours des 12 derniers mois | in the last 12 months
au cours des 4 dernières semaines | over the past 4 weeks
actuellement | currently
depuis la visite précédente | since the previous visit
pendant la grossesse | during pregnancy
avant l'âge de 15 ans | before the age of 15 years
""")
PLACES: Final = _pairs("""
à la maison | at home
au travail | at work
à l'école | at school
à l'hôpital | in hospital
en vacances | on holiday
dans le quartier | in the neighbourhood
""")
UNIVERSES: Final = _pairs("""
Femmes enceintes incluses | Pregnant women enrolled
Adultes de 18 à 69 ans | Adults aged 18 to 69
Familles suivies depuis la naissance | Families followed from birth
Adolescents scolarisés | Adolescents in education
Malades hospitalisés | Inpatients
Personnes retraitées | Retired persons
""")
SCALES: Final[tuple[tuple[Pair, ...], ...]] = tuple(
    _pairs("\n".join(line.split(" ; ")))
    for line in (
        "Oui | Yes ; Non | No",
        "Jamais | Never ; Rarement | Rarely ; Parfois | Sometimes ; Souvent | Often ; Toujours | Always",
        "Très bonne | Very good ; Bonne | Good ; Moyenne | Fair ; Mauvaise | Poor",
        "D'accord | Agree ; Indécis | Undecided ; Pas d'accord | Disagree ; Sans objet | Not applicable",
        "Aucune | None ; Légère | Mild ; Modérée | Moderate ; Sévère | Severe",
        "Quotidien | Daily ; Hebdomadaire | Weekly ; Mensuel | Monthly ; Annuel | Yearly ; Refus | Refusal",
    )
)
_TOPICS: Final = _pairs("""
santé perçue | perceived health
douleur | pain
fatigue | tiredness
sommeil | sleep
tabagisme | smoking
consommation d'alcool | alcohol use
activité physique | physical activity
alimentation | diet
exposition au bruit | noise exposure
anxiété | anxiety
humeur dépressive | depressed mood
emploi occupé | job held
revenu du foyer | household income
soutien social | social support
fonction respiratoire | respiratory function
force musculaire | muscle strength
acuité visuelle | visual acuity
développement du langage | language development
temps d'écran | screen time
recours aux soins | healthcare use
prélèvement biologique de sang | biological sample of blood
prélèvement biologique d'urine | biological sample of urine
tension artérielle | blood pressure
poids de naissance | birth weight
taille debout | standing height
indice de masse corporelle | body mass index
tour de taille | waist circumference
glycémie à jeun | fasting glucose
cholestérol total | total cholesterol
allaitement maternel | breastfeeding
vaccination | vaccination
allergie alimentaire | food allergy
asthme | asthma
eczéma | eczema
diabète | diabetes
migraine | migraine
audition | hearing
mémoire de travail | working memory
attention soutenue | sustained attention
qualité de vie | quality of life
handicap moteur | motor disability
accident domestique | home accident
violence subie | violence suffered
niveau d'études | education level
logement insalubre | poor housing
pollution de l'air | air pollution
pesticides | pesticides
charge mentale | mental load
stress professionnel | job strain
horaires de nuit | night shifts
puberté | puberty
règles douloureuses | painful periods
ménopause | menopause
contraception | contraception
fertilité | fertility
fausse couche | miscarriage
accouchement | delivery
prématurité | preterm birth
autonomie des aînés | autonomy of the elderly
chute | fall
santé bucco-dentaire | oral health
cannabis | cannabis
médicaments | medicines
antibiotiques | antibiotics
jeux vidéo | video games
harcèlement | bullying
estime de soi | self-esteem
événements de vie | life events
""")
_ROOTS: Final = _pairs("""
cardio | cardio
neuro | neuro
gastro | gastro
hépato | hepato
néphro | nephro
dermo | dermo
ostéo | osteo
arthro | arthro
myo | myo
angio | angio
hémato | hemato
broncho | broncho
pneumo | pneumo
rhino | rhino
laryngo | laryngo
oto | oto
rétino | retino
kérato | kerato
cysto | cysto
urétéro | uretero
hystéro | hystero
mammo | mammo
thyro | thyro
adéno | adeno
lympho | lympho
spléno | spleno
colo | colo
entéro | entero
chondro | chondro
tendino | tendino
encéphalo | encephalo
méningo | meningo
myélo | myelo
psycho | psycho
phlébo | phlebo
artério | arterio
athéro | athero
lipo | lipo
glyco | glyco
stomato | stomato
""")
_SUFFIXES: Final = _pairs("""
pathie | pathy
algie | algia
logie | logy
graphie | graphy
scopie | scopy
tomie | tomy
plastie | plasty
métrie | metry
trophie | trophy
plégie | plegia
spasme | spasm
sclérose | sclerosis
sténose | stenosis
mégalie | megaly
lyse | lysis
génèse | genesis
rragie | rrhagia
malacie | malacia
ptose | ptosis
toxicité | toxicity
""")
_PREFIXES: Final = _pairs("""
hyper | hyper
hypo | hypo
péri | peri
endo | endo
poly | poly
micro | micro
macro | macro
pseudo | pseudo
para | para
anti | anti
""")
_ADJECTIVES: Final = _pairs("""
aiguë | acute
chronique | chronic
bilatérale | bilateral
diffuse | diffuse
congénitale | congenital
récidivante | recurrent
précoce | early
idiopathique | idiopathic
""")

CONCEPTS: Final = 500
TERMS: Final = 4_000
KEEPERS: Final = 40  # cohorts that keep words to themselves
_SHARED_BY: Final = 9  # measures of a cohort, one in three of which has the word
_PLAIN: Final = tuple(Pair(a.fr + b.fr, a.en + b.en) for b, a in product(_SUFFIXES, _ROOTS))


def concept(number: int) -> Pair:
    """What the number-th most frequent concept is called; each otherwise."""
    if number < len(_TOPICS):
        return _TOPICS[number]
    word, adjective = term(number * 7 % len(_PLAIN)), _ADJECTIVES[number % len(_ADJECTIVES)]
    return Pair(f"{word.fr} {adjective.fr}", f"{adjective.en} {word.en}")


def is_biosample(number: int) -> bool:
    """Whether a concept is about biological samples."""
    return "biological" in concept(number).en


def term(number: int) -> Pair:
    """The number-th most frequent medical word; none is the same as another."""
    rest, plain = divmod(number, len(_PLAIN))
    word = _PLAIN[plain]
    while rest:
        rest, prefix = divmod(rest - 1, len(_PREFIXES))
        word = Pair(_PREFIXES[prefix].fr + word.fr, _PREFIXES[prefix].en + word.en)
    return word


def kept(keeper: int, number: int) -> Pair:
    """The word that a cohort keeps for a few measures around the number-th."""
    return term(TERMS + keeper + KEEPERS * (number // _SHARED_BY))


def kept_by(keeper: int, measures: int) -> Iterator[Pair]:
    """All words that a cohort with so many measures keeps to itself."""
    return (kept(keeper, number) for number in range(0, measures, _SHARED_BY))


# Each stands in 10 to 30 % of the documents of a catalogue of 10,000 and more.
_COMMON: Final = _pairs("""
décrire | describe
indiquer | specify
évaluez | rate
problème | problem
médecin | doctor
satisfait | satisfied
fréquence | frequency
durée | duration
intensité | intensity
début | onset
traitement | treatment
conséquences | consequences
évolution | course
mère | mother
père | father
enfant | child
conjoint | partner
parents | grandparents
mois | months
semaines | weeks
actuellement | currently
visite | visit
grossesse | pregnancy
âge | age
maison | home
travail | work
école | school
hôpital | hospital
vacances | holiday
quartier | neighbourhood
femmes | women
adultes | adults
familles | families
malades | inpatients
retraitées | retired
""")
COMMON: Final = tuple(word for pair in _COMMON for word in pair)

"""Deterministic bilingual cohorts of any size as DDI-L 3.3 FragmentInstance, for measuring and for stress tests."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

AGENCY = "int.example.bench"
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ddi:FragmentInstance xmlns:ddi="ddi:instance:3_3" xmlns:r="ddi:reusable:3_3" xmlns:g="ddi:group:3_3"'
    ' xmlns:s="ddi:studyunit:3_3" xmlns:l="ddi:logicalproduct:3_3" xmlns:d="ddi:datacollection:3_3"'
    ' xmlns:c="ddi:conceptualcomponent:3_3">\n'
)
_TOPICS = (
    ("santé perçue", "perceived health"),
    ("douleur", "pain"),
    ("fatigue", "fatigue"),
    ("sommeil", "sleep"),
    ("tabagisme", "smoking"),
    ("consommation d'alcool", "alcohol use"),
    ("activité physique", "physical activity"),
    ("alimentation", "diet"),
    ("exposition au bruit", "noise exposure"),
    ("anxiété", "anxiety"),
    ("emploi", "employment"),
    ("revenu du foyer", "household income"),
    ("soutien social", "social support"),
    ("fonction respiratoire", "respiratory function"),
    ("force musculaire", "muscle strength"),
    ("acuité visuelle", "visual acuity"),
    ("développement de l'enfant", "child development"),
    ("temps d'écran", "screen time"),
    ("recours aux soins", "healthcare use"),
    ("prélèvement sanguin", "blood sample"),
)
_PERIODS = (
    ("au cours des 12 derniers mois", "in the last 12 months"),
    ("au cours des 4 dernières semaines", "in the last 4 weeks"),
    ("actuellement", "currently"),
    ("depuis la dernière visite", "since the last visit"),
    ("pendant la grossesse", "during pregnancy"),
)
_PEOPLE = (
    ("la mère", "the mother"),
    ("le père", "the father"),
    ("l'enfant", "the child"),
    ("le patient", "the patient"),
)
_VARIABLES_PER_LIST = 20


def write_cohort(variables: int, *, seed: int = 1, name: str = "BENCH") -> Iterator[bytes]:
    """A cohort of one wave with so many variables, each with its question; in pieces.

    Args:
        variables: how many; code lists and concepts grow with them.
        seed: other seeds give other texts.
        name: prefix of every identifier, so that several cohorts can stand in one catalogue.
    """
    random = Random(seed)
    concepts = max(1, min(len(_TOPICS), variables))
    lists = variables // _VARIABLES_PER_LIST + 1
    yield _HEAD.encode()
    yield from _study(name, variables)
    for number in range(concepts):
        yield _fragment("c:Concept", f"{name}-C{number}", _label(*_TOPICS[number]))
    for number in range(lists):
        yield from _code_list(name, number, random)
    for number in range(variables):
        yield from _variable(name, number, concepts, lists, random)
    yield b"</ddi:FragmentInstance>\n"


def cohort(variables: int, *, seed: int = 1, name: str = "BENCH") -> bytes:
    """As ``write_cohort``, in one piece."""
    return b"".join(write_cohort(variables, seed=seed, name=name))


def _study(name: str, variables: int) -> Iterator[bytes]:
    title = f"<r:Citation><r:Title>{_strings(f'Cohorte {name}', f'{name} cohort')}</r:Title></r:Citation>"
    study = _reference("r:StudyUnitReference", f"{name}-W1", "StudyUnit")
    yield _fragment("g:Group", name, title + study)
    product = _reference("r:LogicalProductReference", f"{name}-LP", "LogicalProduct")
    yield _fragment("s:StudyUnit", f"{name}-W1", title + product)
    scheme = _reference("r:VariableSchemeReference", f"{name}-VS", "VariableScheme")
    yield _fragment("l:LogicalProduct", f"{name}-LP", scheme)
    members = (_reference("r:VariableReference", f"{name}-V{number}", "Variable") for number in range(variables))
    yield _fragment("l:VariableScheme", f"{name}-VS", "".join(members))


def _code_list(name: str, number: int, random: Random) -> Iterator[bytes]:
    codes = []
    for value in range(random.randint(2, 6)):
        identifier = f"{name}-L{number}-{value}"
        yield _fragment("l:Category", f"{identifier}-CAT", _label(f"Niveau {value}", f"Level {value}"))
        category = _reference("r:CategoryReference", f"{identifier}-CAT", "Category")
        codes.append(f"<l:Code>{_identity(identifier)}{category}<r:Value>{value}</r:Value></l:Code>")
    yield _fragment("l:CodeList", f"{name}-L{number}", _label(f"Échelle {number}", f"Scale {number}") + "".join(codes))


def _variable(name: str, number: int, concepts: int, lists: int, random: Random) -> Iterator[bytes]:
    concept = random.randrange(concepts)
    (topic_fr, topic_en), (period_fr, period_en) = _TOPICS[concept], random.choice(_PERIODS)
    person_fr, person_en = random.choice(_PEOPLE)
    question, variable = f"{name}-Q{number}", f"{name}-V{number}"
    about = _reference("r:ConceptReference", f"{name}-C{concept}", "Concept")
    domain = _reference("r:CodeListReference", f"{name}-L{number // _VARIABLES_PER_LIST % lists}", "CodeList")
    text_fr = f"Pouvez-vous décrire {topic_fr} pour {person_fr} {period_fr} (question {number}) ?"
    text_en = f"Can you describe {topic_en} for {person_en} {period_en} (question {number})?"
    texts = "".join(
        f'<d:QuestionText><d:LiteralText><d:Text xml:lang="{tag}">{text}</d:Text></d:LiteralText></d:QuestionText>'
        for tag, text in (("fr", text_fr), ("en", text_en))
    )
    wording = f"<d:QuestionItemName><r:String>Q{number}</r:String></d:QuestionItemName>{texts}"
    yield _fragment("d:QuestionItem", question, f"{wording}<d:CodeDomain>{domain}</d:CodeDomain>{about}")
    label_fr = f"{topic_fr.capitalize()}, {person_fr}, {period_fr}"
    label = _label(label_fr, f"{topic_en.capitalize()}, {person_en}, {period_en}")
    asked = _reference("r:QuestionReference", question, "QuestionItem")
    coded = f"<r:CodeRepresentation>{domain}</r:CodeRepresentation>"
    representation = f"<l:VariableRepresentation>{coded}</l:VariableRepresentation>"
    named = f"<l:VariableName><r:String>v{number}_{topic_en.split()[0]}</r:String></l:VariableName>"
    yield _fragment("l:Variable", variable, f"{named}{label}{about}{asked}{representation}")


def _fragment(element: str, identifier: str, content: str) -> bytes:
    return f"<ddi:Fragment><{element}>{_identity(identifier)}{content}</{element}></ddi:Fragment>\n".encode()


def _identity(identifier: str) -> str:
    return f"<r:Agency>{AGENCY}</r:Agency><r:ID>{identifier}</r:ID><r:Version>1</r:Version>"


def _reference(element: str, identifier: str, kind: str) -> str:
    return f"<{element}>{_identity(identifier)}<r:TypeOfObject>{kind}</r:TypeOfObject></{element}>"


def _label(fr: str, en: str) -> str:
    return f'<r:Label><r:Content xml:lang="fr">{fr}</r:Content><r:Content xml:lang="en">{en}</r:Content></r:Label>'


def _strings(fr: str, en: str) -> str:
    return f'<r:String xml:lang="fr">{fr}</r:String><r:String xml:lang="en">{en}</r:String>'

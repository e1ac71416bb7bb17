"""Data collection of a wave: methodology, events, control constructs, instruments, processing and sampling."""

from __future__ import annotations

from dataclasses import dataclass, field

from _cohort import Wave
from _ddi import (
    E,
    Element,
    Key,
    Text,
    coded,
    contents,
    description,
    dynamic_text,
    item,
    label,
    name,
    period,
    ref,
    triple,
)
from _questions import block_key, out_parameter, parameter, wave_measurements, wave_questions
from _representations import instruction
from _routing import Branch, Node, Repeat, Together, tree
from _tables import Measure, Toml, both

# mode -> (code of the DDI vocabulary ModeOfCollection, words)
MODES = {
    "web": ("SelfAdministeredQuestionnaire.CAWI", Text("Autoquestionnaire en ligne", "Self-administered online")),
    "paper": ("SelfAdministeredQuestionnaire.Paper", Text("Autoquestionnaire papier", "Self-administered on paper")),
    "capi": (
        "Interview.FaceToFace.CAPIorCAMI",
        Text("Entretien en face à face assisté par ordinateur", "Computer-assisted face-to-face interview"),
    ),
    "phone": ("Interview.Telephone.CATI", Text("Entretien téléphonique", "Telephone interview")),
    "clinic": ("MeasurementsAndTests.Physical", Text("Examen clinique", "Clinical examination")),
    "psych": (
        "MeasurementsAndTests.Psychological",
        Text("Évaluation psychologique standardisée", "Standardised psychological assessment"),
    ),
    "sensor": (
        "Recording:WornSensor",
        Text("Capteur porté par la personne", "Sensor worn by the participant"),
    ),
    "sample": ("Other:Biosampling", Text("Prélèvement biologique", "Biological sampling")),
    "register": (
        "Other:RegisterLinkage",
        Text("Appariement à une base administrative", "Linkage to an administrative database"),
    ),
    "record": ("Other:MedicalRecord", Text("Reprise du dossier médical", "Abstraction of the medical record")),
}


@dataclass
class Constructs:
    """Collects the control constructs of a wave while walking through its routes."""

    wave: Wave
    elements: list[Element] = field(default_factory=list)
    serial: dict[str, int] = field(default_factory=dict)

    def key(self, type_of_object: str, suffix: str) -> Key:
        """A key that no other construct of the wave has."""
        count = self.serial[suffix] = self.serial.get(suffix, 0) + 1
        return self.wave.key(type_of_object, f"CC-{suffix}" + (f"-{count}" if count > 1 else ""))

    def sequence(self, suffix: str, title: Text, nodes: list[Key]) -> Key:
        key = self.key("Sequence", suffix)
        self.elements.append(
            item("d:Sequence", key, label(title), [ref("d:ControlConstructReference", each) for each in nodes])
        )
        return key

    def visit(self, nodes: tuple[Node, ...]) -> list[Key]:
        found = (self._visit_one(node) for node in nodes)
        return [key for key in found if key is not None]

    def _visit_one(self, node: Node) -> Key | None:
        match node:
            case Branch():
                return self._branch(node)
            case Repeat():
                return self._loop(node)
            case Together(kind, name_, _):
                target = self.wave.grid(name_) if kind == "grid" else block_key(self.wave, name_)
                return self._question(name_, target)
            case _:
                return self._measure(node)

    def _measure(self, measure: Measure) -> Key | None:
        match measure.kind:
            case "Q":
                return self._question(measure.name, self.wave.cohort.question(measure))
            case "M":
                return self._measurement(measure)
            case "S":
                return self._statement(measure)
            case "C":
                return self._computation(measure)
            case _:
                return None

    def _question(self, suffix: str, target: Key) -> Key:
        key = self.key("QuestionConstruct", f"Q-{suffix}")
        self.elements.append(item("d:QuestionConstruct", key, ref("r:QuestionReference", target)))
        return key

    def _measurement(self, measure: Measure) -> Key:
        key = self.key("MeasurementConstruct", f"M-{measure.name}")
        target = self.wave.cohort.question(measure)
        self.elements.append(item("d:MeasurementConstruct", key, ref("r:MeasurementReference", target)))
        return key

    def _statement(self, measure: Measure) -> Key | None:
        if measure.text is None:
            raise ValueError(f"{measure.name}: a statement needs a text")
        key = self.key("StatementItem", f"S-{measure.name}")
        self.elements.append(item("d:StatementItem", key, dynamic_text("d:DisplayText", measure.text)))
        return key

    def _computation(self, measure: Measure) -> Key:
        key = computation_key(self.wave, measure)
        out = parameter("r:OutParameter", out_parameter(key), measure.name)
        target = self.wave.variable(measure.name)
        self.elements.append(
            item(
                "d:ComputationItem",
                key,
                name("d:ConstructName", measure.name),
                label(measure.label) if measure.label else None,
                out,
                E("r:CommandCode", self._command(key, measure.more["f"], measure.text)),
                ref("d:AssignedVariableReference", target),
            )
        )
        return key

    def _branch(self, branch: Branch) -> Key:
        first = branch.arms[0][0]
        key = self.key("IfThenElse", f"IF-{first}")
        parts = [self._arm(key, position, condition, nodes) for position, (condition, nodes) in enumerate(branch.arms)]
        condition = self.wave.cohort.library.conditions[first]
        self.elements.append(item("d:IfThenElse", key, name("d:ConstructName", first), label(condition.text), parts))
        return key

    def _arm(self, key: Key, position: int, name_: str, nodes: tuple[Node, ...]) -> list[Element | None]:
        """The condition and the sequence of an if, an else-if or (no condition) the else."""
        if not name_:
            title = Text("Dans les autres cas", "Otherwise")
            return [
                ref(
                    "d:ElseConstructReference",
                    self.sequence(f"{key.id.split('-CC-')[1]}-else", title, self.visit(nodes)),
                )
            ]
        condition = self.wave.cohort.library.conditions[name_]
        then = self.sequence(f"THEN-{name_}", condition.text, self.visit(nodes))
        command = self._command(key, condition.expression, condition.text, f"{position}")
        test = E("d:IfCondition", command)
        parts = [test, ref("d:ThenConstructReference", then)]
        return parts if position == 0 else [E("d:ElseIf", parts)]

    def _loop(self, repeat: Repeat) -> Key:
        table = self.wave.cohort.library.loops[repeat.loop]
        key = self.key("Loop", f"LOOP-{repeat.loop}")
        body = self.sequence(f"EACH-{repeat.loop}", table.text, self.visit(repeat.nodes))
        self.elements.append(
            item(
                "d:Loop",
                key,
                name("d:ConstructName", repeat.loop),
                label(table.text),
                E("d:InitialValue", self._command(key, "1", None, "0")),
                E("d:LoopWhile", self._command(key, table.expression, table.text, "1")),
                E("d:StepValue", self._command(key, "1", None, "2")),
                ref("d:ControlConstructReference", body),
            )
        )
        return key

    def _command(self, key: Key, expression: str, words: Text | None, serial: str = "0") -> list[Element | None]:
        """Description and VTL command, its names bound to the questions that they stand for."""
        inputs = [m for m in self.wave.inputs(expression) if m.kind in ("Q", "C")]
        bound = [(m, Key("InParameter", f"{key.id}-IN{serial}-{m.name}")) for m in inputs if self._source(m)]
        command = E(
            "r:Command",
            coded("r:ProgramLanguage", "VTL"),
            [parameter("r:InParameter", target, m.name) for m, target in bound],
            [_binding(self._source(m), target) for m, target in bound],
            E("r:CommandContent", expression),
        )
        return [description(words), command]

    def _source(self, measure: Measure) -> Key | None:
        """The out-parameter that carries the value of a measure, if a construct of this wave produces one."""
        if measure.kind == "C":
            return out_parameter(computation_key(self.wave, measure))
        if any(step.startswith("grid:") for step in measure.route):
            return None
        return out_parameter(self.wave.cohort.question(measure))


def computation_key(wave: Wave, measure: Measure) -> Key:
    return wave.key("ComputationItem", f"CC-C-{measure.name}")


def _binding(source: Key | None, target: Key) -> Element:
    return E("r:Binding", ref("r:SourceParameterReference", source), ref("r:TargetParameterReference", target))


def instrument_key(wave: Wave, info: Toml) -> Key:
    return wave.key("Instrument", f"INST-{info['id']}")


def _instruments(wave: Wave, constructs: Constructs) -> list[Element]:
    by_section: dict[str, list[Measure]] = {}
    for measure in wave.measures:
        by_section.setdefault(measure.section, []).append(measure)
    _refuse_unasked(wave)
    return [_instrument(wave, constructs, info, by_section) for info in wave.info["instrument"]]


def _refuse_unasked(wave: Wave) -> None:
    """Raise ValueError when a question or measurement stands in a section that no instrument of the wave lists."""
    listed = {section for info in wave.info["instrument"] for section in info["sections"]}
    lost = {measure.section for measure in wave.measures if measure.kind in "QMCS"} - listed
    if lost:
        raise ValueError(f"{wave.cohort.code} W{wave.number}: no instrument has the sections {sorted(lost)}")


def _instrument(wave: Wave, constructs: Constructs, info: Toml, by_section: dict[str, list[Measure]]) -> Element:
    sections = []
    for section in info["sections"]:
        title = wave.cohort.library.sections[section].label
        nodes = constructs.visit(tree(by_section[section]))
        sections.append(constructs.sequence(f"SECTION-{section}", title, nodes))
    top = constructs.sequence(f"INSTRUMENT-{info['id']}", both(info["title"]), sections)
    return item(
        "d:Instrument",
        instrument_key(wave, info),
        name("d:InstrumentName", info["id"]),
        label(both(info["title"])),
        E("d:TypeOfInstrument", info.get("type", "Questionnaire")),
        E("d:ExternalInstrumentLocation", material_url(wave, info["id"])),
        ref("d:ControlConstructReference", top),
    )


def material_url(wave: Wave, instrument: str) -> str:
    return f"https://example.org/{wave.cohort.code.lower()}/w{wave.number}/{instrument}.pdf"


def _event(wave: Wave, info: Toml, instrument: Key | None) -> Element:
    identifier = f"EVENT-{info['id']}"
    modes = [
        E(
            "d:ModeOfCollection",
            triple(wave.key("ModeOfCollection", f"{identifier}-{mode}").id),
            coded("d:TypeOfModeOfCollection", MODES[mode][0], "ModeOfCollection"),
            description(MODES[mode][1]),
        )
        for mode in info["modes"]
    ]
    return E(
        "d:CollectionEvent",
        triple(wave.key("CollectionEvent", identifier).id),
        label(both(info["title"])),
        ref("d:DataCollectorOrganizationReference", wave.cohort.key("Organization", "ORG-coordination")),
        period("d:DataCollectionDate", info["start"], info.get("end", "")),
        modes,
        ref("d:InstrumentReference", instrument),
        ref("d:SampleReference", wave.key("Sample", "SAMPLE")),
    )


def _methodology(wave: Wave) -> Element:
    info = wave.info
    method = both(info["method"])
    return item(
        "d:Methodology",
        wave.key("Methodology", "METH"),
        E(
            "d:DataCollectionMethodology",
            triple(wave.key("DataCollectionMethodology", "METH-collection").id),
            description(method),
        ),
        E(
            "d:TimeMethod",
            triple(wave.key("TimeMethod", "METH-time").id),
            coded("d:TypeOfTimeMethod", info.get("time_method", "Longitudinal.CohortEventBased"), "TimeMethod"),
        ),
        E(
            "d:SamplingProcedure",
            triple(wave.key("SamplingProcedure", "METH-sampling").id),
            coded("d:TypeOfSamplingProcedure", info["sampling_type"], "SamplingProcedure"),
            description(both(info["sampling"])),
            ref("d:SamplingPlanReference", wave.key("SamplingPlan", "PLAN")),
            ref("d:SampleReference", wave.key("Sample", "SAMPLE")),
        ),
    )


def _sampling(wave: Wave) -> Element:
    info, library = wave.info, wave.cohort.library
    universe = library.universes[info["universe"]]
    units = str(info.get("sample", sum(info.get("files", {}).values())))
    frame = wave.key("SampleFrame", "FRAME")
    plan = wave.key("SamplingPlan", "PLAN")
    return item(
        "d:SamplingInformationScheme",
        wave.key("SamplingInformationScheme", "SIS"),
        item("d:SampleFrame", frame, label(both(info["frame"])), ref("r:UniverseReference", universe.key)),
        item("d:SamplingPlan", plan, description(both(info["sampling"]))),
        item(
            "d:Sample",
            wave.key("Sample", "SAMPLE"),
            label(Text("Échantillon de la vague", "Sample of the wave")),
            E("d:PopulationOfConcern", ref("r:UniverseReference", universe.key)),
            E(
                "d:OverallSampleSize",
                ref("r:UnitTypeReference", library.units[universe.row["unit"]].key),
                E("d:NumberOfUnits", units),
            ),
            ref("d:SamplingPlanImplementedReference", plan),
            ref("d:SampleFrameUsedReference", frame),
        ),
    )


def generation_key(wave: Wave, measure: Measure) -> Key:
    return wave.key("GenerationInstruction", f"GI-{measure.name}")


def _generation(wave: Wave, measure: Measure) -> Element:
    formula = measure.more.get("f", "")
    command = E("r:CommandCode", E("r:Command", coded("r:ProgramLanguage", "VTL"), E("r:CommandContent", formula)))
    sources = [ref("d:InputVariableReference", each) for each in wave.sources(formula)]
    return item(
        "d:GenerationInstruction",
        generation_key(wave, measure),
        sources,
        description(measure.text),
        command if formula else None,
    )


def _processing(wave: Wave) -> list[Element]:
    derived = [measure for measure in wave.measures if measure.kind == "D"]
    scheme = wave.key("ProcessingInstructionScheme", "PIS")
    event = item(
        "d:ProcessingEvent",
        wave.key("ProcessingEvent", "PE"),
        label(Text("Contrôle et apurement des données", "Checking and cleaning of the data")),
        E("d:ControlOperation", description(both(wave.info["processing"]))),
        [ref("r:ProcessingInstructionReference", generation_key(wave, measure)) for measure in derived],
    )
    instructions = [_generation(wave, measure) for measure in derived]
    return [
        item("d:ProcessingEventScheme", wave.key("ProcessingEventScheme", "PES"), event),
        *([item("d:ProcessingInstructionScheme", scheme, instructions)] if derived else []),
    ]


def _instructions(wave: Wave) -> Element | None:
    own = wave.cohort.library.own(wave.cohort.library.instructions)
    if wave.number > 1 or not own:
        return None
    key = wave.key("InterviewerInstructionScheme", "IIS")
    return item("d:InterviewerInstructionScheme", key, [instruction(entry) for entry in own])


def data_collection(wave: Wave) -> Element:
    """The DataCollection of a wave."""
    constructs = Constructs(wave)
    instruments = _instruments(wave, constructs)
    events = [_event(wave, info, instrument_key(wave, info)) for info in wave.info["instrument"]]
    sources = [_event(wave, info, None) for info in wave.info.get("source", [])]
    return item(
        "d:DataCollection",
        wave.key("DataCollection", "DC"),
        label(Text("Collecte de la vague", "Data collection of the wave")),
        _methodology(wave),
        events,
        sources,
        wave_questions(wave),
        wave_measurements(wave),
        item("d:ControlConstructScheme", wave.key("ControlConstructScheme", "CCS"), constructs.elements),
        _instructions(wave),
        item("d:InstrumentScheme", wave.key("InstrumentScheme", "IS"), instruments),
        _processing(wave),
        _sampling(wave),
    )


def materials(wave: Wave) -> Element:
    """The documents of a wave: one file for each instrument."""
    made = [
        item(
            "r:OtherMaterial",
            wave.key("OtherMaterial", f"OM-{info['id']}"),
            E("r:TypeOfMaterial", info.get("type", "Questionnaire")),
            contents("r:Description", both(info["title"])),
            E("r:ExternalURLReference", material_url(wave, info["id"])),
            E("r:Relationship", ref("r:RelatedToReference", instrument_key(wave, info))),
            E("r:MIMEType", "application/pdf"),
        )
        for info in wave.info["instrument"]
    ]
    return item("r:OtherMaterialScheme", wave.key("OtherMaterialScheme", "OMS"), made)

"""The values that an outsider can give a condition key, and the search for one of them.

A domain covers one key, or several keys that describe the same thing and so depend on each other: all of them show the
one string that their values are made of. For a set of tests, it finds values that pass all of them, or answers that
there are none. The search is exact.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from ...documents.conditions import Base
from ...memo import by_identity, by_value
from ..conditions.operators import Demand, Mode, answer, is_odd_if_empty, whatever_the_value
from ..conditions.typed_text import Texts, asking, demand_of, texts
from ..patterns.automaton import Budget, TextQuestion, find
from ..patterns.comparisons import STRINGS, Comparison, Test, arn_tokens
from ..patterns.numbers import ARN, NO_ARNS
from ..patterns.tokens import NOTHING, AnyOf, Block, Tokens, matches
from .shapes import Reading

Values = tuple[str, ...] | None
Assignment = Mapping[str, Values]


@by_identity
class Constraint:
    """One test of one key, and the result that is needed."""

    key: str
    test: Test
    want: Demand


class Domain(Protocol):
    """The methods of a domain that a search uses."""

    @property
    def key(self) -> str:
        """The key that identifies the domain: the first of its keys."""

    def assign(self, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> Assignment | None:
        """Return values for the domain's keys that meet all of `asked`, or None.

        In mode MAY, this includes values that an outsider may be able to have, even if this cannot be determined.
        """


def are_met(asked: Iterable[Constraint], values: Assignment, lists: Collection[str] = ()) -> bool:
    """Return whether concrete values meet all tests. `lists` are the multivalued keys."""
    return all(
        constraint.want.met_by(answer(constraint.test, values[constraint.key], many=constraint.key in lists))
        for constraint in asked
    )


@by_value
class Options:
    """A key with a few possible values. Those in `unsure` are only for mode MAY."""

    key: str
    sure: tuple[Values, ...]
    unsure: tuple[Values, ...] = ()

    def assign(self, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> Assignment | None:
        """Return the first option that meets all tests."""
        budget.spend((len(self.sure) + len(self.unsure)) * len(asked))
        for values in self.sure + (self.unsure if mode is Mode.MAY else ()):
            assignment = {self.key: values}
            if are_met(asked, assignment):
                return assignment
        return None


class Strings(NamedTuple):
    """Keys whose values are made of one string that an outsider can choose within a shape.

    - `unsure`: shapes of values that an outsider may be able to have.
    - `refused`: patterns of values that an outsider may not be able to have.
    - `never`: patterns of values that do not exist.
    - `usual`: a value that is easy to read.
    - `optional`: the keys can be absent.
    - `perhaps_absent`: AWS does not document whether the keys can be absent.
    """

    readings: Mapping[str, Reading]
    shapes: tuple[Tokens, ...]
    optional: bool = False
    perhaps_absent: bool = False
    unsure: tuple[Tokens, ...] = ()
    refused: tuple[Tokens, ...] = ()
    never: tuple[Tokens, ...] = ()
    usual: str = ""

    @property
    def key(self) -> str:
        """The first of the keys."""
        return next(iter(self.readings))

    @property
    def is_always_there(self) -> bool:
        """Whether every request has the keys."""
        return not (self.optional or self.perhaps_absent)

    def assign(self, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> Assignment | None:
        """Return values that meet all tests: absent if that does, else the string that a search finds."""
        budget.spend(1)
        if self.optional or (self.perhaps_absent and mode is Mode.MAY):
            absent = dict.fromkeys(self.readings)
            if are_met(asked, absent):
                return absent
        text = self.text(asked, mode, budget)
        if text is None:
            return None
        return self._assignment(text)

    def text(self, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> str | None:
        """Return a string that meets all tests, or None. An empty one is the last that it tries."""
        if self._may_be_empty and any(is_odd_if_empty(constraint.test.condition.operator) for constraint in asked):
            filled = self._replace(never=(*self.never, NOTHING))
            return filled.text(asked, mode, budget) or self._first([""], asked, mode, budget)
        searched: list[Constraint] = []
        weighed: list[Constraint] = []
        for constraint in asked:
            fixed = whatever_the_value(constraint.test, many=self.readings[constraint.key].many)
            if fixed is None:
                (searched if constraint.test.condition.operator.base in STRINGS else weighed).append(constraint)
            elif not constraint.want.met_by(fixed):
                return None
        found = self._weigh(searched, weighed, mode, budget) if weighed else self._search(searched, mode, budget)
        if found is None and mode is Mode.MAY and self._takes(_PAIR) and _count_halves(searched):
            return _PAIR
        return found

    def _takes(self, character: str) -> bool:
        """Return whether a string may have a character at a place where it has a choice."""
        steps = (step for shape in (*self.shapes, *self.unsure) for step in shape.steps)
        return any(step.charset is not None and step.charset.holds(character) for step in steps)

    @property
    def _may_be_empty(self) -> bool:
        return NOTHING not in self.never and any(not shape.shortest for shape in (*self.shapes, *self.unsure))

    def _search(
        self,
        asked: Sequence[Constraint],
        mode: Mode,
        budget: Budget,
        *,
        among: Iterable[tuple[str, Texts]] = (),
    ) -> str | None:
        if among:
            return self._find_string(asked, mode, budget, among)
        question = self._question(asked, mode)
        known = budget.texts
        if question in known:
            budget.spend(1 + len(asked) // 2)
        else:
            texts = self._listed_strings(asked)
            found = (
                self._find_string(asked, mode, budget) if texts is None else self._fitting(texts, asked, mode, budget)
            )
            known[question] = found
        return known[question]

    def _question(self, asked: Sequence[Constraint], mode: Mode) -> Hashable:
        """Return what the result of a search depends on.

        Of the text before the string, such as the account in an ARN, this is the places that it reaches in patterns.
        """
        more = (self.refused, self.refused and self.readings[self.key]) if mode is Mode.MUST else self.unsure
        return (
            self.shapes,
            self.usual,
            self.never,
            mode,
            more,
            tuple([self._places(constraint) for constraint in asked]),
        )

    def _places(self, one: Constraint) -> Hashable:
        reading = self.readings[one.key]
        must_match, patterns = _demand(one)
        if not reading.is_plain or self._may_be_no_arn(one):
            return must_match, patterns, reading
        return must_match, patterns, reading.prefix and patterns.places(reading.prefix)

    def _find_string(
        self, asked: Sequence[Constraint], mode: Mode, budget: Budget, among: Iterable[tuple[str, Texts]] = ()
    ) -> str | None:
        wanted, unwanted = self._patterns(asked)
        barred = [Block(tokens) for tokens in self.never]
        for key, one in among:
            wanted += tuple([tuple(self._every(key, group)) for group in one.wanted])
            barred += self._every(key, one.unwanted)
        if mode is Mode.MUST:
            barred += self._every(self.key, self.refused)
        found = find(TextQuestion(self.shapes, wanted, (*unwanted, *barred), self.usual), budget)
        if found is None and mode is Mode.MAY and self.unsure:
            return find(TextQuestion(self.unsure, wanted, (*unwanted, *barred)), budget)
        return found

    def _listed_strings(self, asked: Iterable[Constraint]) -> list[str] | None:
        """Return the strings of the first test that lists them, or None if no test lists them."""
        for constraint in asked:
            must_match, patterns = _demand(constraint)
            reading = self.readings[constraint.key]
            if must_match and patterns.texts is not None and reading.is_plain and not self._may_be_no_arn(constraint):
                prefix = reading.prefix
                return [text[len(prefix) :] for text in patterns.texts if text.startswith(prefix)]
        return None

    def _fitting(self, texts: Sequence[str], asked: Sequence[Constraint], mode: Mode, budget: Budget) -> str | None:
        """Return the first of some strings that meets all tests."""
        budget.spend(4 + 2 * len(asked))
        barred = (*self.never, *(self.refused if mode is Mode.MUST else ()))
        for shapes in (self.shapes, self.unsure if mode is Mode.MAY else ()):
            for text in texts:
                budget.spend(1)
                if (
                    any(matches(shape, text) for shape in shapes)
                    and not any(matches(one, text) for one in barred)
                    and all(self._is_met(constraint, text, budget) for constraint in asked)
                ):
                    return text
        return None

    def _is_met(self, one: Constraint, text: str, budget: Budget) -> bool:
        must_match, patterns = _demand(one)
        reading = self.readings[one.key]
        if not reading.is_plain or self._may_be_no_arn(one):
            wanted, unwanted = self._patterns([one])
            budget.spend(sum(map(len, wanted)) + len(unwanted))
            return all(any(block.matches(text) for block in group) for group in wanted) and not any(
                block.matches(text) for block in unwanted
            )
        if one.test.price:
            budget.spend(one.test.price)
        return patterns.matches(reading.prefix + text) is must_match

    def _together(self, key: str, patterns: AnyOf) -> list[Block]:
        reading = self.readings[key]
        if reading.is_plain and patterns.patterns:
            return [Block(patterns, reading.prefix)]
        return self._every(key, patterns.patterns)

    def _every(self, key: str, patterns: Iterable[Tokens]) -> list[Block]:
        return [block for tokens in patterns for block in self._blocks(key, tokens)]

    def _patterns(self, asked: Sequence[Constraint]) -> tuple[tuple[tuple[Block, ...], ...], list[Block]]:
        wanted: list[tuple[Block, ...]] = []
        unwanted: list[Block] = []
        for constraint in asked:
            must_match, compared = _demand(constraint)
            blocks = self._together(constraint.key, compared)
            if self._may_be_no_arn(constraint):
                if asking(constraint.test, constraint.want).of_type:
                    wanted.append(self._blocks(constraint.key, ARN))
                elif must_match:
                    blocks += self._every(constraint.key, NO_ARNS)
            if must_match:
                wanted.append(tuple(blocks))
            else:
                unwanted += blocks
        return tuple(wanted), unwanted

    def _may_be_no_arn(self, one: Constraint) -> bool:
        """Return whether a negated ARN operator tests a key that may have a text of another form."""
        operator, reading = one.test.condition.operator, self.readings[one.key]
        if not operator.negated or operator.base is not Base.ARN_LIKE:
            return False
        starts = [reading.prefix + shape.lead for shape in (*self.shapes, *self.unsure)]
        return not reading.is_plain or not all(start.startswith("arn:") for start in starts)

    def _blocks(self, key: str, tokens: Tokens) -> tuple[Block, ...]:
        return self.readings[key].blocks(tokens)

    def _weigh(
        self, searched: Sequence[Constraint], weighed: Sequence[Constraint], mode: Mode, budget: Budget
    ) -> str | None:
        """Return a string that meets tests of other types too.

        It searches for one string in each kind of texts that may meet them.
        """
        literals = self._listed_strings(searched)
        if literals is not None:
            return self._first(literals, [*searched, *weighed], mode, budget)
        budget.spend(8 * len(weighed))
        keys = dict.fromkeys(constraint.key for constraint in weighed)
        asks = {key: [asking(one.test, one.want) for one in weighed if one.key == key] for key in keys}
        kinds = [[(key, text) for text in texts(asks[key], mode)] for key in keys]
        for chosen in itertools.product(*kinds):
            budget.spend(4 * (len(searched) + len(weighed)))
            found = self._search(searched, mode, budget, among=chosen)
            if found is not None and (mode is Mode.MAY or self._meets([*searched, *weighed], found)):
                return found
        return None

    def _first(self, texts: Iterable[str], asked: Sequence[Constraint], mode: Mode, budget: Budget) -> str | None:
        """Return the first of some strings that meets all tests."""
        barred = (*self.never, *(() if mode is Mode.MAY else self.refused))
        for text in texts:
            budget.spend(4 * len(asked))
            shapes = self.shapes + (self.unsure if mode is Mode.MAY else ())
            fits = any(matches(shape, text) for shape in shapes) and not any(matches(one, text) for one in barred)
            if fits and self._meets(asked, text):
                return text
        return None

    def _meets(self, asked: Iterable[Constraint], text: str) -> bool:
        return are_met(asked, self._assignment(text), [key for key, reading in self.readings.items() if reading.many])

    def _assignment(self, text: str) -> Assignment:
        return {key: (reading.value(text),) for key, reading in self.readings.items()}


_PAIR = "\U00020000"
"""A letter that is a pair in UTF-16."""


def _count_halves(asked: Iterable[Constraint]) -> bool:
    """Return whether tests have both a `?` and a character whose half it may match."""
    tests = [constraint.test for constraint in asked]
    return any(test.has_pairs for test in tests) and any(test.counts_characters for test in tests)


@by_value
class SourceArns:
    """`aws:SourceArn` as a service sends it for an account: absent, or the ARN of some resource in the account.

    - `known`: ARNs whose complete shape is known.
    - `plain`: ARNs of any resource with a name without colons.
    - `any_name`: ARNs whose names have colons. A wildcard of StringLike may then have to match across a colon that may
      not exist. Such a match is unsure, so here a pattern of six fields is read field by field, as ArnLike does.
    - `elsewhere`: the same, except for services whose names are known.
    - `unsure`: ARNs that name no account.
    - `well_known`: the service that sends the ARNs is known, so `elsewhere` and `unsure` are only for patterns that
      name another service.
    """

    known: Strings
    plain: Strings
    any_name: Strings
    elsewhere: Strings
    unsure: Strings
    well_known: bool

    @property
    def key(self) -> str:
        """The key `aws:SourceArn`."""
        return self.known.key

    def assign(self, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> Assignment | None:
        """Return absence, an ARN that is certainly possible, or, in mode MAY, one that may be."""
        aligned = [Constraint(constraint.key, _align_fields(constraint), constraint.want) for constraint in asked]
        attempts = [(self.known, asked), (self.plain, asked), (self.any_name, aligned)]
        if mode is Mode.MAY:
            tests = asked
            if self.well_known:
                tests = [
                    Constraint(constraint.key, _align_fields(constraint, _names_service), constraint.want)
                    for constraint in asked
                ]
            attempts += [(self.elsewhere, tests), (self.unsure, tests)]
        for strings, every in attempts:
            found = strings.assign(every, mode, budget)
            if found is not None:
                return found
        return None


def _align_fields(one: Constraint, spared: Callable[[Comparison], bool] = lambda _: False) -> Test:
    """Return the test with its StringLike patterns read field by field, if it needs a match.

    `spared` selects patterns that are left unchanged.
    """
    must_match, _ = demand_of(one.test, one.want)
    if not must_match:
        return one.test
    read = (compared if spared(compared) else _by_fields(compared) for compared in one.test.comparisons)
    return Test(one.test.condition, tuple(read))


def _names_service(compared: Comparison) -> bool:
    """Return whether a pattern names the service of an ARN, or may do so once all of it is known."""
    first = compared.parts[0] if compared.parts else ""
    return not compared.certain or (isinstance(first, str) and first.count(":") >= _BEFORE_REGION)


_BEFORE_REGION = 3
"""The colons before the Region of an ARN."""


def _by_fields(compared: Comparison) -> Comparison:
    fields = arn_tokens(compared.parts) if compared.certain else None
    if fields is None:
        # Fewer than six fields do not fix the account. Only a match across colons is possible.
        return Comparison(compared.parts, NOTHING, None, certain=False)
    return Comparison(compared.parts, fields, compared.text, certain=True)


def _demand(one: Constraint) -> tuple[bool, AnyOf]:
    """Return whether a string must match one of some patterns (True) or none, and these patterns."""
    must_match, sure = demand_of(one.test, one.want)
    return must_match, one.test.certain if sure else one.test.possible

"""The coverage-guided fuzzer: `make fuzz ARGS="policy -max_total_time=600"`. docs/reliability.md has the results.

The arguments after the promise's name are libFuzzer's. Each promise has a folder for its seeds, in `.fuzz/` in the
working directory. The fuzzer adds to it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["ecr_crossaccount"]):
    import ecr_crossaccount.judgement.judgement
    import ecr_crossaccount.products.rule.evaluator
    import ecr_crossaccount.products.rule.rule  # noqa: F401

    from tests.fuzz.promises import PROMISES
from tests.fuzz.mutate import mutated
from tests.fuzz.seeds import SEEDS


def main() -> None:
    """Fuzz one promise until libFuzzer must stop or something fails."""
    name, *options = sys.argv[1:]
    promise = PROMISES[name]
    corpus = Path(".fuzz") / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(SEEDS[name]()):
        (corpus / f"seed-{number:04}").write_bytes(text.encode("utf-8", "surrogatepass"))

    def one_input(data: bytes) -> None:
        promise(data.decode("utf-8", "surrogatepass" if is_text(data) else "replace"))

    atheris.Setup([sys.argv[0], *options, str(corpus)], one_input, custom_mutator=_mutator)
    atheris.Fuzz()


def is_text(data: bytes) -> bool:
    """Return whether bytes are UTF-8. Lone surrogates are allowed."""
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _mutator(data: bytes, max_size: int, seed: int) -> bytes:
    random = Random(seed)  # noqa: S311 - random, not a secret
    if random.random() < 0.1:
        changed: bytes = atheris.Mutate(data, max_size)
        return changed
    text = data.decode("utf-8", "replace")
    return mutated(text, random).encode("utf-8", "surrogatepass")[:max_size]


if __name__ == "__main__":
    main()

"""How benchmarks in Python tell what they found: a table on standard error as it comes, JSON on
standard output at the end, with the budgets of DESIGN §9 beside."""
import json
import sys

figures = {}


def figure(name, value, unit, at_most=None, at_least=None):
    met = "" if at_most is None and at_least is None else "met" if (
        (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
    ) else "NOT MET"
    budget = f"<= {at_most:g}" if at_most is not None else \
        f">= {at_least:g}" if at_least is not None else ""
    figures[name] = {"value": round(value, 4), "unit": unit, "at_most": at_most,
                     "at_least": at_least}
    print(f"{name:58} {value:12.5g} {unit:10} {budget:>10} {met}", file=sys.stderr, flush=True)


def tell():
    print(json.dumps(figures, indent=1))

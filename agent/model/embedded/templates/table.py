"""Every template with how usual it is, in one table.

The priors follow the counts of one-statement fixes in ManySStuBs4J (Karampatsis and Sutton 2020)
and of Pan, Kim and Whitehead (2009): conditions and call arguments lead, then identifiers and
numbers, then added or removed statements.
"""

from agent.model.embedded.site import Site
from agent.model.embedded.templates import (
    callees,
    calls,
    checks,
    conditions,
    ingredients,
    insertions,
    literals,
    names,
    numbers,
    operators,
    questions,
    slices,
    statements,
    values,
    wrapping,
)
from agent.model.embedded.templates.base import Template

ENDLESS = "endless"
"""A test ran out of time or recursed without end."""
INDEX = "index"
"""A test ended in IndexError, KeyError or StopIteration."""
NOTHING = "nothing"
"""A test took None for an object."""
TYPE = "type"
"""A test ended in TypeError, AttributeError or ValueError."""
TRUTH = "truth"
"""A test expected True and got False, or the other way round."""
ONE_OFF = "one off"
"""A test expected a number and got one that differs by one."""
LENGTH = "length"
"""A test expected a sequence and got one of another length."""

TEMPLATES: tuple[Template[Site], ...] = (
    Template(operators.comparison, 0.95, {TRUTH: 1.2, ENDLESS: 1.1, ONE_OFF: 1.2}),
    Template(operators.arithmetic, 0.6),
    Template(operators.augmented, 0.5),
    Template(operators.boolean, 0.6, {TRUTH: 1.3}),
    Template(operators.negation, 0.5, {TRUTH: 1.3}),
    Template(operators.operands, 0.6, {TRUTH: 0.6}),
    Template(numbers.off_by_one, 0.8, {INDEX: 1.4, ONE_OFF: 1.4, LENGTH: 1.2, ENDLESS: 1.1}),
    Template(numbers.constant, 0.6, {INDEX: 1.2, ONE_OFF: 1.3}),
    Template(literals.expected, 0.5),
    Template(numbers.drop_term, 0.6, {ONE_OFF: 1.3}),
    Template(numbers.extra_term, 0.6, {INDEX: 1.2}),
    Template(names.variable, 0.85),
    Template(names.value_by_variable, 0.5),
    Template(numbers.scaled, 0.4),
    Template(names.variable_by_value, 0.35),
    Template(names.attribute, 0.7, {TYPE: 1.2, NOTHING: 1.2}),
    Template(names.target, 0.5),
    Template(slices.bounds, 0.5, {LENGTH: 1.3}),
    Template(slices.part, 0.55, {LENGTH: 1.3, ENDLESS: 1.2}),
    Template(slices.index, 0.4, {INDEX: 1.2}),
    Template(conditions.size, 0.6, {ENDLESS: 1.3, INDEX: 1.2}),
    Template(conditions.drop_operand, 0.4, {TRUTH: 1.3}),
    Template(conditions.guard_value, 0.5, {NOTHING: 2.0, INDEX: 1.3, TYPE: 1.2}),
    Template(conditions.more_or_less, 0.55, {INDEX: 1.2, TYPE: 1.2, TRUTH: 1.3}),
    Template(conditions.borrowed, 0.35),
    Template(questions.elsewhere, 0.3, {TRUTH: 1.2}),
    Template(conditions.loop_condition, 0.7, {INDEX: 1.3, ENDLESS: 1.2}),
    Template(conditions.truth, 0.4, {NOTHING: 1.2}),
    Template(calls.swap_arguments, 0.8, {ENDLESS: 1.1}),
    Template(calls.argument, 0.5),
    Template(calls.recursive_argument, 0.7, {ENDLESS: 1.3}),
    Template(calls.more_arguments, 0.45, {TYPE: 1.3}),
    Template(calls.fewer_arguments, 0.3, {TYPE: 1.3}),
    Template(callees.callee, 0.65),
    Template(wrapping.unwrap, 0.5, {TYPE: 1.2}),
    Template(checks.fallback, 0.1, {NOTHING: 4.0, TYPE: 2.0}),
    Template(wrapping.bounded, 0.6),
    Template(wrapping.wrap, 0.5, {TYPE: 1.2}),
    Template(values.layer, 0.6, {LENGTH: 1.3, TYPE: 1.1}),
    Template(values.filled, 0.6, {LENGTH: 1.3}),
    Template(values.more, 0.5, {LENGTH: 1.4}),
    Template(values.decided, 0.6, {TRUTH: 1.6}),
    Template(ingredients.ingredient, 0.5),
    Template(ingredients.rebound, 0.5),
    Template(statements.delete, 0.4),
    Template(statements.unconditional, 0.35),
    Template(statements.swap_statements, 0.45),
    Template(insertions.insert_update, 0.55, {ENDLESS: 1.3, LENGTH: 1.2}),
    Template(insertions.insert_assignment, 0.6, {ENDLESS: 1.2}),
    Template(insertions.insert_copy, 0.4, {LENGTH: 1.2}),
    Template(checks.insert_exit, 0.4, {NOTHING: 1.6, INDEX: 1.3, TYPE: 1.1}),
    Template(checks.insert_check, 0.15, {NOTHING: 4.0, TYPE: 2.0}),
    Template(statements.move_statement, 0.35),
)

"""Every template for JavaScript with how usual it is, in one table.

The priors follow the counts of one-statement fixes in ManySStuBs4J (Karampatsis and Sutton 2020),
as those for Python do: conditions, names and arguments lead, then literals, then statements.
"""

from agent.model.embedded.script.site import Site
from agent.model.embedded.script.templates import (
    conditions,
    names,
    operators,
    statements,
    values,
    wrapping,
)
from agent.model.embedded.templates.base import Template
from agent.model.embedded.templates.table import (
    ENDLESS,
    INDEX,
    LENGTH,
    NOTHING,
    ONE_OFF,
    TRUTH,
    TYPE,
)

TEMPLATES: tuple[Template[Site], ...] = (
    Template(operators.comparison, 0.95, {TRUTH: 1.2, ENDLESS: 1.1, ONE_OFF: 1.2}),
    Template(operators.arithmetic, 0.65),
    Template(operators.logical, 0.65, {TRUTH: 1.3}),
    Template(operators.augmented, 0.5, {ENDLESS: 1.2}),
    Template(operators.negation, 0.65, {TRUTH: 1.3}),
    Template(operators.operands, 0.5, {TRUTH: 0.6}),
    Template(values.off_by_one, 0.8, {INDEX: 1.3, ONE_OFF: 1.4, LENGTH: 1.2, ENDLESS: 1.1}),
    Template(values.drop_term, 0.5, {ONE_OFF: 1.3}),
    Template(values.constant, 0.65, {INDEX: 1.2, ONE_OFF: 1.3}),
    Template(values.text, 0.55),
    Template(values.truth, 0.7, {TRUTH: 1.3}),
    Template(values.pattern, 0.6),
    Template(names.variable, 0.85),
    Template(names.value_by_variable, 0.5),
    Template(names.variable_by_value, 0.3),
    Template(names.member, 0.7, {TYPE: 1.2, NOTHING: 1.2}),
    Template(names.function, 0.7, {TYPE: 1.2}),
    Template(names.swap_arguments, 0.75),
    Template(conditions.drop_operand, 0.45, {TRUTH: 1.3}),
    Template(conditions.guard, 0.5, {NOTHING: 2.0, TYPE: 1.2}),
    Template(conditions.more_or_less, 0.5, {TYPE: 1.2, TRUTH: 1.3}),
    Template(conditions.borrowed, 0.35),
    Template(conditions.presence, 0.55, {NOTHING: 1.3}),
    Template(conditions.size, 0.6, {ENDLESS: 1.3, INDEX: 1.2}),
    Template(conditions.answer, 0.45),
    Template(conditions.optional, 0.4, {NOTHING: 2.0}),
    Template(conditions.fallback, 0.35, {NOTHING: 1.6}),
    Template(wrapping.unwrap, 0.5, {TYPE: 1.2}),
    Template(wrapping.wrap, 0.4, {TYPE: 1.2}),
    Template(wrapping.bounded, 0.5),
    Template(wrapping.awaited, 0.7, {TYPE: 1.2}),
    Template(wrapping.more_arguments, 0.5, {TYPE: 1.2}),
    Template(wrapping.fewer_arguments, 0.4),
    Template(wrapping.argument, 0.5),
    Template(statements.delete, 0.45),
    Template(statements.swap, 0.45),
    Template(statements.move, 0.35),
    Template(statements.missing_return, 0.6, {NOTHING: 1.3}),
    Template(statements.returned, 0.45),
    Template(statements.insert_exit, 0.4, {NOTHING: 1.6, ENDLESS: 1.1}),
    Template(statements.insert_copy, 0.4, {ENDLESS: 1.2, LENGTH: 1.2}),
    Template(statements.insert_update, 0.5, {ENDLESS: 1.3, LENGTH: 1.2}),
    Template(statements.ingredient, 0.5),
)

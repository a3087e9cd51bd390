"""A program as ``.pdmodel`` holds it: blocks of variables and ops, written back as they were read.

Numbers of fields are those of ``paddle/fluid/framework/framework.proto`` (Paddle 2.6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from slim.program.wire import (
    BYTES,
    VARINT,
    Field,
    WireError,
    encoded,
    iterate_message,
    read_message,
    write_message,
)

_BLOCK: Final = 1
_VARIABLE, _OP = 3, 4
_VARIABLE_NAME, _VARIABLE_TYPE, _PERSISTABLE = 1, 2, 3
_KIND, _LOD_TENSOR, _TENSOR, _DATA_TYPE, _DIMENSIONS = 1, 3, 1, 1, 2
_LOD_TENSOR_KIND, _FLOAT32 = 7, 5
_FEED_OR_FETCH: Final = frozenset({9, 10})
_INPUT, _OUTPUT, _OP_TYPE, _ATTRIBUTE = 1, 2, 3, 4
_PARAMETER, _ARGUMENT = 1, 2
_ATTRIBUTE_NAME, _ATTRIBUTE_TYPE, _INTEGER, _FLOAT, _STRING, _INTEGERS, _BOOLEAN, _LONGS = (
    1,
    2,
    3,
    4,
    5,
    6,
    10,
    15,
)
_TYPE_INT, _TYPE_INTS, _TYPE_BOOLEAN, _TYPE_LONGS = 0, 3, 6, 11
_NAMES_SOMETHING: Final = frozenset({8, 10, 13, 14})
"""Types of attributes that name a block or variables: BLOCK, BLOCKS, VAR, VARS."""

Slots = Mapping[str, tuple[str, ...]]
Value = bool | int | float | str | tuple[int, ...]


@dataclass(frozen=True)
class Attribute:
    """An attribute of an op.

    Attributes:
        name: Its name.
        content: The whole message.
    """

    name: str
    content: bytes

    @cached_property
    def value(self) -> Value | None:
        """A truth value, number, list of whole numbers, or text; None for any other."""
        integers: list[int] = []
        kind = None
        for field in iterate_message(self.content):
            if field.number == _ATTRIBUTE_TYPE:
                kind = field.whole
            elif field.number == _BOOLEAN:
                return bool(field.whole)
            elif field.number == _STRING:
                return field.content.decode(errors="replace")
            elif field.number == _INTEGER:
                return field.signed
            elif field.number == _FLOAT:
                return field.single
            elif field.number in (_INTEGERS, _LONGS):
                integers.append(field.signed)
        return tuple(integers) if kind in (_TYPE_INTS, _TYPE_LONGS) else None

    @property
    def names_something(self) -> bool:
        """Whether it names a block or variables."""
        kinds = (field.whole for field in iterate_message(self.content) if field.number == _ATTRIBUTE_TYPE)
        return next(kinds, None) in _NAMES_SOMETHING


def whole_attribute(name: str, value: int) -> Attribute:
    """An attribute that is a whole number."""
    return Attribute(name, _attribute(name, _TYPE_INT, [Field(_INTEGER, VARINT, encoded(value))]))


def truth_attribute(name: str, value: bool) -> Attribute:
    """An attribute that is true or false."""
    return Attribute(name, _attribute(name, _TYPE_BOOLEAN, [Field(_BOOLEAN, VARINT, encoded(int(value)))]))


def wholes_attribute(name: str, values: Iterable[int]) -> Attribute:
    """An attribute that is a list of whole numbers."""
    fields = [Field(_INTEGERS, VARINT, encoded(value)) for value in values]
    return Attribute(name, _attribute(name, _TYPE_INTS, fields))


def _attribute(name: str, kind: int, fields: Iterable[Field]) -> bytes:
    head = [Field(_ATTRIBUTE_NAME, BYTES, name.encode()), Field(_ATTRIBUTE_TYPE, VARINT, encoded(kind))]
    return write_message([*head, *fields])


@dataclass(frozen=True)
class Op:
    """An op.

    Attributes:
        type: Its type, such as ``conv2d``.
        inputs: Names of variables by slot.
        outputs: Names of variables by slot.
        attributes: Its attributes.
        rest: Fields that are none of these.
    """

    type: str
    inputs: Slots
    outputs: Slots
    attributes: tuple[Attribute, ...]
    rest: tuple[Field, ...] = ()

    def value(self, attribute: str) -> Value | None:
        """What an attribute says; None where it is missing, or of an unusual type."""
        return next((one.value for one in self.attributes if one.name == attribute), None)

    def with_attribute(self, attribute: Attribute) -> Op:
        """The op with an attribute set."""
        others = tuple(one for one in self.attributes if one.name != attribute.name)
        return replace(self, attributes=(*others, attribute))

    @property
    def read(self) -> tuple[str, ...]:
        """Variables that it reads."""
        return tuple(name for names in self.inputs.values() for name in names)

    @property
    def written(self) -> tuple[str, ...]:
        """Variables that it writes."""
        return tuple(name for names in self.outputs.values() for name in names)


@dataclass(frozen=True)
class Variable:
    """A variable.

    Attributes:
        name: Its name.
        persistable: Whether its value is in the parameter file (but for those of feed and fetch).
        feed_or_fetch: Whether it holds the inputs or the outputs of the program.
        shape: Its dimensions, −1 for open ones; empty also where it is no tensor.
        rest: Fields that are not its name.
    """

    name: str
    persistable: bool
    feed_or_fetch: bool
    shape: tuple[int, ...]
    rest: tuple[Field, ...]


def float_variable(name: str, shape: Iterable[int], *, persistable: bool) -> Variable:
    """A variable of float32 numbers.

    Args:
        name: Its name.
        shape: Its dimensions, −1 for open ones.
        persistable: Whether its value is in the parameter file.
    """
    dimensions = tuple(shape)
    sizes = [Field(_DIMENSIONS, VARINT, encoded(size)) for size in dimensions]
    tensor = write_message([Field(_DATA_TYPE, VARINT, encoded(_FLOAT32)), *sizes])
    lod_tensor = write_message([Field(_TENSOR, BYTES, tensor)])
    kind = [Field(_KIND, VARINT, encoded(_LOD_TENSOR_KIND)), Field(_LOD_TENSOR, BYTES, lod_tensor)]
    rest = (
        Field(_VARIABLE_TYPE, BYTES, write_message(kind)),
        Field(_PERSISTABLE, VARINT, encoded(int(persistable))),
    )
    return Variable(name, persistable, False, dimensions, rest)


@dataclass(frozen=True)
class Block:
    """A block: its variables, its ops in the order in which they run, and fields that are neither."""

    variables: tuple[Variable, ...]
    ops: tuple[Op, ...]
    rest: tuple[Field, ...]


@dataclass(frozen=True)
class Program:
    """A program: its blocks, the main one first, and fields that are none."""

    blocks: tuple[Block, ...]
    rest: tuple[Field, ...]


def read_program(data: bytes) -> Program:
    """Read a program.

    Args:
        data: Content of a ``.pdmodel``.

    Raises:
        WireError: It is none.
    """
    fields = read_message(data)
    blocks = tuple(_read_block(field.content) for field in fields if field.number == _BLOCK)
    return Program(blocks, _rest(fields, {_BLOCK}))


def write_program(program: Program) -> bytes:
    """The content of a ``.pdmodel``."""
    blocks = [Field(_BLOCK, BYTES, _written_block(block)) for block in program.blocks]
    return write_message([*blocks, *program.rest])


def _read_block(data: bytes) -> Block:
    fields = read_message(data)
    return Block(
        tuple(_read_variable(field.content) for field in fields if field.number == _VARIABLE),
        tuple(_read_op(field.content) for field in fields if field.number == _OP),
        _rest(fields, {_VARIABLE, _OP}),
    )


def _written_block(block: Block) -> bytes:
    variables = [
        Field(
            _VARIABLE,
            BYTES,
            write_message([Field(_VARIABLE_NAME, BYTES, variable.name.encode()), *variable.rest]),
        )
        for variable in block.variables
    ]
    ops = [Field(_OP, BYTES, _written_op(op)) for op in block.ops]
    return write_message([*block.rest, *variables, *ops])


def _read_variable(data: bytes) -> Variable:
    fields = read_message(data)
    kind, shape = 0, []
    for field in _inside(fields, _VARIABLE_TYPE):
        if field.number == _KIND:
            kind = field.whole
        elif field.number == _LOD_TENSOR:
            tensor = _inside(read_message(field.content), _TENSOR)
            shape = [one.signed for one in tensor if one.number == _DIMENSIONS]
    return Variable(
        _text(fields, _VARIABLE_NAME),
        any(field.whole for field in fields if field.number == _PERSISTABLE),
        kind in _FEED_OR_FETCH,
        tuple(shape),
        _rest(fields, {_VARIABLE_NAME}),
    )


def _read_op(data: bytes) -> Op:
    fields = read_message(data)
    attributes = (field.content for field in fields if field.number == _ATTRIBUTE)
    return Op(
        _text(fields, _OP_TYPE),
        _read_slots(fields, _INPUT),
        _read_slots(fields, _OUTPUT),
        tuple(Attribute(_text(iterate_message(one), _ATTRIBUTE_NAME), one) for one in attributes),
        _rest(fields, {_OP_TYPE, _INPUT, _OUTPUT, _ATTRIBUTE}),
    )


def _written_op(op: Op) -> bytes:
    return write_message(
        [
            *_written_slots(op.inputs, _INPUT),
            *_written_slots(op.outputs, _OUTPUT),
            Field(_OP_TYPE, BYTES, op.type.encode()),
            *(Field(_ATTRIBUTE, BYTES, one.content) for one in op.attributes),
            *op.rest,
        ]
    )


def _read_slots(fields: Iterable[Field], number: int) -> Slots:
    slots = {}
    for field in fields:
        if field.number == number:
            parts = read_message(field.content)
            arguments = (part.text for part in parts if part.number == _ARGUMENT)
            slots[_text(parts, _PARAMETER)] = tuple(arguments)
    return slots


def _written_slots(slots: Slots, number: int) -> list[Field]:
    written = []
    for slot, names in slots.items():
        arguments = [Field(_ARGUMENT, BYTES, name.encode()) for name in names]
        message = write_message([Field(_PARAMETER, BYTES, slot.encode()), *arguments])
        written.append(Field(number, BYTES, message))
    return written


def _inside(fields: Iterable[Field], number: int) -> list[Field]:
    """The fields of the messages in fields of some number."""
    return [one for field in fields if field.number == number for one in read_message(field.content)]


def _rest(fields: Iterable[Field], numbers: set[int]) -> tuple[Field, ...]:
    return tuple(field for field in fields if field.number not in numbers)


def _text(message: Iterable[Field], number: int) -> str:
    for field in message:
        if field.number == number:
            return field.text
    raise WireError(f"a message lacks its field {number}")

"""Hypothesis strategies for wire values, read off the types with their bounds."""

from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect


def wire_values(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Any value of a struct type; optional fields come and go."""
    return _of(inspect.type_info(kind))


def _of(node: Any) -> st.SearchStrategy[Any]:  # noqa: C901  a table of types reads best as one
    match node:
        case inspect.StructType(cls=cls, fields=fields):
            return _structs(cls, fields)
        case inspect.EnumType(cls=cls):
            return st.sampled_from(list(cls))
        case inspect.UnionType(types=types):
            return st.one_of([_of(each) for each in types])
        case inspect.NoneType():
            return st.none()
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType(ge=low, le=high):
            return st.integers(min_value=low, max_value=high if high is not None else 2**53)
        case inspect.FloatType(ge=low, le=high):
            return st.floats(min_value=low, max_value=high, allow_nan=False, allow_infinity=False)
        case inspect.StrType(min_length=low, max_length=high):
            return st.text(st.characters(exclude_categories=["Cs"]), min_size=low or 0, max_size=min(high or 40, 40))
        case inspect.BytesType(max_length=high):
            return st.binary(max_size=min(high or 40, 40))
        case inspect.VarTupleType(item_type=item, min_length=low):
            return st.lists(_of(item), min_size=low or 0, max_size=3).map(tuple)
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(_of(key), _of(value), max_size=3)
    raise AssertionError(node)


def _structs(cls: Any, fields: Any) -> st.SearchStrategy[Any]:
    required = {field.name: _of(field.type) for field in fields if field.required}
    optional = {field.name: _of(field.type) for field in fields if not field.required}

    def build(values: dict[str, Any]) -> Any:
        try:
            return cls(**values)
        except ValueError:  # a rule between fields, such as a score outside its scale
            return None

    return st.fixed_dictionaries(required, optional=optional).map(build).filter(lambda value: value is not None)

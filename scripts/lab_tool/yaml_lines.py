"""YAML that remembers its lines, and the checks that name them.

Map and List are dict and list with `.line` (1-based) and, for Map, `.line_of(key)`. Every mistake
in a file becomes one SchemaError: FILE:LINE: what is wrong and what would be right.
"""
import json
import re

import yaml

from .durations import terms


class SchemaError(Exception):
    pass


class Map(dict):
    line = 0
    lines: dict

    def line_of(self, key):
        return self.lines.get(key, self.line)


class List(list):
    line = 0


class Reader:
    """Reads one file and makes its errors."""

    def __init__(self, path):
        self.path = path

    def error(self, line, words):
        return SchemaError(f"{self.path}:{line}: {words}")

    def read(self):
        try:
            with open(self.path, encoding="utf-8") as file:
                node = yaml.compose(file, Loader=yaml.SafeLoader)
        except (OSError, UnicodeDecodeError) as error:
            raise SchemaError(f"{self.path}: {error}") from None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self.error(mark.line + 1 if mark else 1, error.problem) from None
        except yaml.YAMLError as error:
            raise self.error(1, error) from None
        if node is None:
            raise self.error(1, "the file is empty")
        return self._value(node)

    def _value(self, node):
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            result = Map()
            result.line, result.lines = line, {}
            for key_node, value_node in node.value:
                key = self._value(key_node)
                key_line = key_node.start_mark.line + 1
                if not isinstance(key, (str, int)):
                    raise self.error(key_line, "a key is a word")
                if key in result:
                    raise self.error(key_line, f"'{key}' is there twice")
                result[key] = self._value(value_node)
                result.lines[key] = key_line
            return result
        if isinstance(node, yaml.SequenceNode):
            result = List(self._value(item) for item in node.value)
            result.line = line
            return result
        loader = yaml.SafeLoader("")
        try:
            return loader.construct_object(node)
        except yaml.YAMLError:
            raise self.error(line, f"'{node.value}' is no plain value") from None

    # -- checks ------------------------------------------------------------------------------------
    def mapping(self, value, line, what):
        if not isinstance(value, Map):
            raise self.error(line, f"{what} is a list of keys and values")
        return value

    def keys(self, mapping, what, allowed, required=()):
        for key in mapping:
            if key not in allowed:
                raise self.error(
                    mapping.line_of(key), f"{what} has no '{key}'; it has: {', '.join(allowed)}"
                )
        for key in required:
            if key not in mapping:
                raise self.error(mapping.line, f"{what} needs '{key}'")

    def text(self, mapping, key, pattern=None, choices=None, example=""):
        value, line = mapping[key], mapping.line_of(key)
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise self.error(line, f"{key} is a word, not {kind_of(value)}")
        value = str(value)
        if choices and value not in choices:
            raise self.error(line, f"{key} is '{value}': one of {', '.join(choices)}")
        if pattern and not re.fullmatch(pattern, value):
            raise self.error(line, f"{key} is '{value}'{': like ' + example if example else ''}")
        return value

    def number(self, mapping, key, lowest, highest):
        value, line = mapping[key], mapping.line_of(key)
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, float))
            or not lowest <= value <= highest
        ):
            raise self.error(line, f"{key} is '{value}': {lowest} to {highest}")
        return value

    def truth(self, mapping, key):
        if not isinstance(mapping[key], bool):
            raise self.error(mapping.line_of(key), f"{key} is '{mapping[key]}': true or false")
        return mapping[key]

    def duration(self, mapping, key):
        try:
            terms(mapping[key])
        except ValueError as error:
            raise self.error(mapping.line_of(key), f"{key}: {error}") from None
        return str(mapping[key])

    def regular_expression(self, mapping, key):
        try:
            re.compile(str(mapping[key]))
        except re.error as error:
            raise self.error(mapping.line_of(key), f"{key}: {error}") from None


def plain(value):
    """How a value is compared and shown: true, null, 3, text."""
    return value if isinstance(value, str) else json.dumps(value)


def kind_of(value):
    if isinstance(value, Map):
        return "keys and values"
    if isinstance(value, list):
        return "a list"
    return f"'{value}'"

"""Read the errors of the source as messages with named values, for scripts/build_messages.py.

The words of `raise InputError(f"{name!r} is not a date")` are the message "{name} is not a date". Words may also stand
in a variable, in a choice, in a sum of texts, or in what a function of the package returns. Left out are the ends that
`entrepot.errors.nearest` and `percent_meant` add, and the place before a colon: `translated_error` takes them off.
"""

from __future__ import annotations

import ast
import functools
import itertools
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: The parts of the package whose errors are translated; those about data files stay in English.
ROOMS = (
    *("bargaining", "cases", "cli", "desk", "documents.py", "economy", "equilibrium", "errors.py", "exposures"),
    *("faults.py", "forecasting", "languages", "markets", "measures", "numerics", "paths", "report", "rules"),
    *("studies", "sweeping"),
)
#: Where the words are among the arguments of an error, or of a function that makes one.
WORDS_AT = {
    **dict.fromkeys(("DocumentError", "InputError", "TableError", "ValueError", "EntrepotError", "english"), (0,)),
    **dict.fromkeys(("ConvergenceError", "StoreError", "_refused", "unreadable", "fail", "UnusualRate"), (0,)),
    **dict.fromkeys(("MeasureError", "SectionError", "CaseError", "UnknownLawName", "fault", "UnreadableFile"), (1,)),
    "HttpProblem": (2, 3),
    "EventFault": (2,),
    "UnknownNameError": (0,),
    "check_known": (3,),
    "check_unique": (2,),
    "_check_scenarios": (2,),
}
#: What is added at the end of an error, and taken off again before it is looked up.
ENDS = ("nearest", "percent_meant")
#: Functions whose texts are in the language of the reader when an error is made.
TRANSLATING = ("translated", "plural")
#: The most wordings that one error may have by its choices; beyond it a choice is a value.
MOST_WORDINGS = 6
Scope = dict[str, list[ast.AST]]


def errors_of(modules: dict[str, str]) -> dict[str, str]:
    """Return the messages of the errors in modules (texts by path below the package), each with its module."""
    trees = {path: parsed(text) for path, text in modules.items() if Path(path).parts[0] in (*ROOMS, "words.py")}
    places = {path: [node for node in ast.walk(tree) if isinstance(node, _PLACES)] for path, tree in trees.items()}
    functions = {node.name: node for nodes in places.values() for node in nodes if isinstance(node, ast.FunctionDef)}
    reader = _Reader(functions)
    found: dict[str, str] = {}
    shapes: set[str] = set()
    for path, tree in trees.items():
        constants = _assigned(tree.body)
        for message in (message for place in places[path] for message in _of_place(place, constants, reader)):
            shape = re.sub(r"\{\w+\}", "{}", message)
            if shape not in shapes:
                shapes.add(shape)
                found[message] = path
    return found


@functools.cache
def parsed(text: str) -> ast.Module:
    """The tree of a module, which nothing may change."""
    return ast.parse(text)


_PLACES = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef)


def _of_place(place: Any, constants: Scope, reader: _Reader) -> Iterator[str]:
    """Yield the messages of the errors in a function, or in a module outside its functions."""
    scope: Scope = {}
    for call in _calls(place):
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        words = [call.args[k] for k in WORDS_AT.get(name, ()) if k < len(call.args)]
        words += [k.value for k in call.keywords if k.arg in ("remedy", "detail") and name in WORDS_AT]
        if words:
            scope = scope or constants | _assigned(place.body)
        for node in words:
            for parts in reader.texts(node, scope):
                yield from _message(parts, name == "UnknownNameError")


def _calls(place: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls in a module or function that are not in a function inside it."""
    for child in ast.iter_child_nodes(place):
        if isinstance(child, ast.Call):
            yield child
        if not isinstance(child, _PLACES):
            yield from _calls(child)


def _assigned(body: list[ast.stmt]) -> Scope:
    """Return what names are assigned in statements, without those of functions inside."""
    scope: Scope = {}
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            scope.setdefault(node.targets[0].id, []).append(node.value)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign) and isinstance(node.target, ast.Name) and node.value:
            scope.setdefault(node.target.id, []).append(node.value)
        waiting.extend(ast.iter_child_nodes(node))
    return scope


class _Value(str):
    """An expression that is a value of the message."""


class _End(str):
    """What `nearest` and `percent_meant` add at the end of an error."""


class _Reader:
    """Reads an expression as the texts that it may be, each as parts: fixed words, and values."""

    def __init__(self, functions: dict[str, ast.FunctionDef]) -> None:
        self._functions = functions
        self._returned: dict[str, list[list[str]]] = {}

    def texts(self, node: ast.AST, scope: Scope, deep: int = 0) -> list[list[str]]:
        """Return the texts that an expression may be; none where they are not in the source."""
        again = deep + 1
        if deep > 4:
            return []
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            fixed = node.value.split("{!r}")  # where a function puts the name in with str.format
            return [[piece for text in fixed for piece in (_Value("name!r"), text)][1:]]
        if isinstance(node, ast.JoinedStr):
            sides = [self._part(part, scope, again) for part in node.values]
            for k in range(1, len(sides)):
                choice = isinstance(node.values[k], ast.FormattedValue)
                after_value = any(isinstance(piece, _Value) for piece in sides[k - 1][0][-1:])
                worded = any(isinstance(p, _Value) or re.search("[A-Za-z]", p) for text in sides[k] for p in text)
                if choice and after_value and not worded:
                    sides[k] = [[""]]  # such as " ..." after a list of names, which is a part of the value
            return self._joined(sides)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            pair = (node.left, node.right)
            return self._joined([self.texts(side, scope, again) or [[_Value(ast.unparse(side))]] for side in pair])
        if isinstance(node, ast.IfExp):
            return self.texts(node.body, scope, again) + self.texts(node.orelse, scope, again)
        if isinstance(node, ast.BoolOp):
            return [text for value in node.values for text in self.texts(value, scope, again)]
        if isinstance(node, ast.Subscript):
            return self.texts(node.value, scope, again)
        if isinstance(node, ast.Dict | ast.Tuple):
            values = node.values if isinstance(node, ast.Dict) else node.elts
            return [text for value in values if value is not None for text in self.texts(value, scope, again)]
        if isinstance(node, ast.Name):
            others = {name: values for name, values in scope.items() if name != node.id}
            return [text for value in scope.get(node.id, ()) for text in self.texts(value, others, again)]
        if isinstance(node, ast.Call):
            return self._called(node, again)
        return []

    def _called(self, call: ast.Call, deep: int) -> list[list[str]]:
        """Return the texts that a function of the package returns."""
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if name in ENDS:
            return [[_End()]]
        function = self._functions.get(name)
        if function is None or not (isinstance(function.returns, ast.Name) and function.returns.id == "str"):
            return []
        if name not in self._returned:
            self._returned[name] = []
            if not any(isinstance(node, ast.Name) and node.id in TRANSLATING for node in ast.walk(function)):
                scope = _assigned(function.body)
                returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value]
                texts = [self.texts(value, scope, deep) for value in returned]
                self._returned[name] = [text for found in texts for text in found] if all(texts) else []
        return self._returned[name]

    def _part(self, part: ast.AST, scope: Scope, deep: int) -> list[list[str]]:
        """Return what a part of an f-string may be: its wordings if they are few, or the expression as a value."""
        if isinstance(part, ast.Constant):
            return [[str(part.value)]]
        assert isinstance(part, ast.FormattedValue)
        plain = part.conversion == -1 and part.format_spec is None
        known = self.texts(part.value, scope, deep) if plain else []
        assigned = scope.get(part.value.id, ()) if isinstance(part.value, ast.Name) else ()
        if not all(self.texts(value, scope, deep) for value in assigned):
            known = []
        whole = not isinstance(part.value, ast.Name | ast.Call | ast.Subscript | ast.BoolOp)
        whole |= all(isinstance(piece, _End) for text in known for piece in text)
        worded = any(re.search("[a-z]{2} ", "".join(p for p in text if not isinstance(p, _Value))) for text in known)
        if known and len(known) <= MOST_WORDINGS and (whole or worded):
            return known
        return [[_Value(ast.unparse(part.value) + ("!r" if part.conversion == 114 else ""))]]

    @staticmethod
    def _joined(sides: list[list[list[str]]]) -> list[list[str]]:
        while math.prod(map(len, sides)) > MOST_WORDINGS:
            widest = max(range(len(sides)), key=lambda k: len(sides[k]))
            sides[widest] = [[_Value("choice")]]
        return [[part for text in chosen for part in text] for chosen in itertools.product(*sides)]


#: Signs of a text that is never printed: a value that may be empty is so, or a break of the line.
_BROKEN = re.compile(r" [,;:](?!\S)|\n")


def _message(parts: list[str], is_kind: bool) -> Iterator[str]:
    """Yield the message of a text, with names for its values; nothing for one of less than two words."""
    names: dict[str, str] = {}
    text = ""
    for part in parts:
        if not isinstance(part, _Value):
            text += part.replace("{", "{{").replace("}", "}}")
            continue
        if re.search(r"\{\w+\}$", text):
            continue  # two values side by side are one
        if part not in names:
            name = _name(part)
            same = [other for other in names.values() if other.rstrip("0123456789") == name]
            names[part] = f"{name}{len(same) + 1}" if same else name
        text += f"{{{names[part]}}}"
    if "{" in text:
        text = re.sub(r"^((\{\w+\}|[\w.]+)+: )+", "", text)
    text = re.sub(r"; (known: \{\w+\}|did you mean \{\w+\}\?)$", "", text)
    fixed = re.sub(r"\{\w+\}", "", text)
    if is_kind:
        if "{" not in text:
            yield text
    elif len(re.findall(r"[a-z]{2,}", fixed)) >= 2 and " " in fixed and not _BROKEN.search(text):
        yield text


def _name(expression: str) -> str:
    """Return a name for the value of an expression: its last identifier that is not a function."""
    node = ast.parse(expression.removesuffix("!r"), mode="eval").body
    while True:
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in ("len", "sum"):
                return "number"
            node = node.args[-1 if ast.unparse(node.func) == "map" else 0] if node.args else node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Attribute):
            return node.attr.strip("_").lower()
        elif isinstance(node, ast.Name):
            name = node.id.strip("_").lower()
            return {"n": "number", "k": "place", "t": "step", "i": "place", "j": "place"}.get(name, name)
        elif isinstance(node, ast.BinOp):
            node = node.left if not isinstance(node.left, ast.Constant) else node.right
        elif isinstance(node, ast.UnaryOp):
            node = node.operand
        else:
            return "value"

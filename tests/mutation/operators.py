"""The small wrongs: every number, comparison and offset of a module, changed one at a time."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_CALCULATED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any", "bisect_right": "bisect_left"}
_SAID = {"next": "previous", "previous": "next", "after": "before", "before": "after"}
_UNDONE = {"sorted": "list", "reversed": "list"}
_LEFT_OUT = {"since", "before", "key", "default", "agreed", "standing", "suspensions"}
_SIGNED = {"ONE_DAY", "A_DAY"}
_ARITHMETIC = (ast.BinOp, ast.AugAssign, ast.UnaryOp)


@dataclass
class Mutant:
    """One change of one place of a module."""

    module: str
    place: str  # the function or class, dotted
    line: int
    change: str  # with module and place it names the mutant, whatever line it stands on
    tree: ast.Module
    parent: ast.AST
    field: str
    number: int | None  # where the field is a list
    replacement: ast.AST

    def apply(self) -> ast.Module:
        """Change the tree, for good: a process tries one mutant and ends."""
        _put(self.parent, self.field, self.number, self.replacement)
        return ast.fix_missing_locations(self.tree)


def _put(parent: ast.AST, field: str, number: int | None, node: ast.AST) -> None:
    if number is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[number] = node


def _of_calls(node: ast.Call) -> Iterator[ast.expr]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in _CALLED:
        yield ast.Call(func=ast.Name(_CALLED[name], ast.Load()), args=node.args, keywords=node.keywords)
    if name in _UNDONE:
        yield ast.Call(func=ast.Name(_UNDONE[name], ast.Load()), args=node.args, keywords=[])
    if name == "timedelta":
        yield ast.UnaryOp(op=ast.USub(), operand=node)
    for left_out in node.keywords:
        if left_out.arg in _LEFT_OUT:
            kept = [each for each in node.keywords if each is not left_out]
            yield ast.Call(func=node.func, args=node.args, keywords=kept)


def _of_constants(node: ast.Constant) -> Iterator[ast.expr]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield from (ast.Constant(node.value + 1), ast.Constant(node.value - 1))
    elif node.value in _SAID:
        yield ast.Constant(_SAID[str(node.value)])


def _of_logic(node: ast.BoolOp) -> Iterator[ast.expr]:
    yield ast.BoolOp(op=ast.Or() if isinstance(node.op, ast.And) else ast.And(), values=node.values)
    for value in node.values:
        kept = [each for each in node.values if each is not value]
        yield kept[0] if len(kept) == 1 else ast.BoolOp(op=node.op, values=kept)


def _of_comparisons(node: ast.Compare) -> Iterator[ast.expr]:
    for number, old in enumerate(node.ops):
        for new in _COMPARED[type(old)]:
            ops = [*node.ops[:number], new(), *node.ops[number + 1 :]]
            yield ast.Compare(left=node.left, ops=ops, comparators=node.comparators)


def _of_sums(node: ast.BinOp) -> Iterator[ast.expr]:
    if type(node.op) in _CALCULATED:
        yield ast.BinOp(left=node.left, op=_CALCULATED[type(node.op)](), right=node.right)


def _of_assignments(node: ast.AugAssign) -> Iterator[ast.stmt]:
    yield ast.Pass()
    if type(node.op) in _CALCULATED:
        yield ast.AugAssign(target=node.target, op=_CALCULATED[type(node.op)](), value=node.value)


def _of_signs(node: ast.UnaryOp) -> Iterator[ast.expr]:
    if isinstance(node.op, ast.Not | ast.USub):
        yield node.operand


def _of_filters(node: ast.comprehension) -> Iterator[ast.comprehension]:
    for left_out in node.ifs:
        kept = [each for each in node.ifs if each is not left_out]
        yield ast.comprehension(node.target, node.iter, kept, node.is_async)


_WRONGS: dict[type[ast.AST], Callable[[Any], Iterable[ast.AST]]] = {
    ast.Constant: _of_constants,
    ast.Compare: _of_comparisons,
    ast.BoolOp: _of_logic,
    ast.BinOp: _of_sums,
    ast.AugAssign: _of_assignments,
    ast.UnaryOp: _of_signs,
    ast.Call: _of_calls,
    ast.comprehension: _of_filters,
    ast.Continue: lambda _: [ast.Break()],
}


def _wrongs(node: ast.AST, parent: ast.AST) -> Iterator[ast.AST]:
    """Return what could stand in a node's place."""
    yield from _WRONGS.get(type(node), lambda _: ())(node)
    if isinstance(node, ast.Name) and node.id in _SIGNED and isinstance(node.ctx, ast.Load):
        yield from () if isinstance(parent, _ARITHMETIC) else [ast.UnaryOp(op=ast.USub(), operand=node)]
    if isinstance(parent, ast.If | ast.While | ast.IfExp) and node is parent.test and not _turned(parent.test):
        yield ast.UnaryOp(op=ast.Not(), operand=parent.test)


def _turned(test: ast.expr) -> bool:
    """Tell whether another operator turns the test around already."""
    return isinstance(test, ast.UnaryOp) or (isinstance(test, ast.Compare) and len(test.ops) == 1)


def _shown(node: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split()).replace("|", "¦")


def _change(node: ast.AST, new: ast.AST, at: tuple[ast.AST, str, int | None]) -> str:
    """Write a change down; of a bare number or name, with what it stands in."""
    if not isinstance(node, ast.Constant | ast.Name) or isinstance(at[0], ast.stmt):
        return f"{_shown(node)} -> {_shown(new)}"
    before = _shown(at[0])
    _put(*at, new)
    after = _shown(at[0])
    _put(*at, node)
    return f"{before} -> {after}"


def _children(node: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    """Walk what runs: no annotations, no decorators, no keywords of a class."""
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list"}:
            continue
        if field == "keywords" and isinstance(node, ast.ClassDef):
            continue
        if isinstance(value, ast.AST):
            yield field, None, value
        elif isinstance(value, list):
            yield from ((field, number, each) for number, each in enumerate(value) if isinstance(each, ast.AST))


def mutants(path: Path) -> list[Mutant]:
    """Return every mutant of a module, in the order of its lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: list[Mutant] = []

    def look(parent: ast.AST, place: str, line: int) -> None:
        for field, number, node in _children(parent):
            at, here = (parent, field, number), getattr(node, "lineno", line)
            for new in _wrongs(node, parent):
                change = _change(node, new, at)
                found.append(Mutant(path.stem, place or "module", here, change, tree, *at, new))
            inside = f"{place}.{node.name}" if isinstance(node, ast.FunctionDef | ast.ClassDef) else place
            look(node, inside.lstrip("."), here)

    look(tree, "", 1)
    return found

# SPDX-License-Identifier: MIT
"""Makes a mutated copy of a C file: every change at once, each with a number,
and switched on by mutant.h when the program runs.

Where the expressions and statements are is clang's word (-ast-dump=json).
A change has an id that does not move with its line:

    file:function:kind:text[#n]

kinds
    not      a condition is negated             edge     < is <=, > is >=, ...
    equal    == is !=, != is ==                 logic    && is ||, || is &&
    const    a number is one more, true is false, a verdict another one
    guard    return, goto, break or continue does not happen
    drop     a statement that does something does not happen
"""
import json
import re
import subprocess

LOGIC = ('&&', '||')
EQUAL = ('==', '!=')
EDGE = {'<': '<=', '<=': '<', '>': '>=', '>=': '>'}
LEAVES = ('ReturnStmt', 'GotoStmt', 'BreakStmt', 'ContinueStmt')
# Evaluated by the compiler, or nothing that could be changed.
RAW = ('UnaryExprOrTypeTraitExpr', 'OffsetOfExpr', 'StmtExpr', 'VAArgExpr',
       'ConstantExpr', 'StringLiteral', 'GenericSelectionExpr')
LITERAL = ('IntegerLiteral', 'CharacterLiteral', 'ParenExpr', 'UnaryOperator',
           'BinaryOperator', 'ImplicitCastExpr', 'CStyleCastExpr',
           'UnaryExprOrTypeTraitExpr')
SHELL = ('ImplicitCastExpr', 'ParenExpr')


def strip(node):
    while node['kind'] in SHELL and node.get('inner'):
        node = node['inner'][0]
    return node


def kids(node):
    return [k for k in node.get('inner', []) if k.get('kind')]


def walk(node):
    yield node
    for k in kids(node):
        yield from walk(k)


class Rewriter:
    def __init__(self, name, source, first):
        self.name, self.source, self.next = name, source, first
        self.mutants, self.seen = [], {}
        self.function, self.last, self.void = '', 0, False

    # ---- where a node is ----

    def span(self, node):
        r = node.get('range') or {}
        b, e = r.get('begin'), r.get('end')
        if not b or not e:
            return None
        b, e = b.get('expansionLoc', b), e.get('expansionLoc', e)
        if 'offset' not in b or 'offset' not in e:
            return None
        begin, end = b['offset'], e['offset'] + e['tokLen']
        if 'expansionLoc' in r['end'] and self.source[end:end + 1] == b'(':
            end = self.closing(end)
        return begin, end

    def closing(self, at):
        depth = 0
        while True:
            c = self.source[at:at + 1]
            depth += (c == b'(') - (c == b')')
            at += 1
            if depth == 0:
                return at

    def text(self, span):
        return self.source[span[0]:span[1]].decode()

    @staticmethod
    def macro(node):
        """Is it, as a whole, what one macro stands for?"""
        r = node['range']
        return ('expansionLoc' in r['begin'] and 'expansionLoc' in r['end'] and
                r['begin']['expansionLoc']['offset'] ==
                r['end']['expansionLoc']['offset'])

    # ---- a change ----

    def new(self, kind, span):
        text = re.sub(r'\s+', ' ', self.text(span))
        if len(text) > 70:
            text = text[:67] + '...'
        key = f'{self.name}:{self.function}:{kind}:{text}'
        self.seen[key] = self.seen.get(key, 0) + 1
        if self.seen[key] > 1:
            key += f'#{self.seen[key]}'
        number = self.next
        self.next += 1
        line = self.source.count(b'\n', 0, span[0]) + 1
        self.mutants.append({'n': number, 'id': key, 'line': line})
        return number

    # ---- expressions ----

    def join(self, span, parts):
        """The text of span, with the parts in their places."""
        out, at = '', span[0]
        for (begin, end), text in sorted(parts):
            if begin < at:
                continue
            if end > span[1]:
                raise ValueError(f'{self.name}: {self.text((begin, end))}')
            out += self.text((at, begin)) + text
            at = end
        return out + self.text((at, span[1]))

    def parts(self, nodes, how=None):
        found = []
        for k in nodes:
            span = self.span(k)
            if span:
                found.append((span, (how or self.value)(k)))
        return found

    def constant(self, node, span):
        text = self.text(span)
        n = self.new('const', span)
        if text in ('true', 'false'):
            return f'({text} ^ MU({n}))'
        return f'({text} + MU({n}))'

    def is_constant(self, node):
        if 'expansionLoc' in node['range']['begin']:
            return (self.macro(node) and '*' not in node['type']['qualType'] and
                    all(k['kind'] in LITERAL for k in walk(node)) and
                    self.text(self.span(node)).replace('_', 'a').isalnum())
        return (node['kind'] in ('IntegerLiteral', 'CharacterLiteral') or
                node['kind'] == 'DeclRefExpr' and
                node['referencedDecl']['kind'] == 'EnumConstantDecl' and
                'VERDICT' in node['referencedDecl']['name'])

    def value(self, node):
        kind, span = node['kind'], self.span(node)
        if kind in RAW:
            return self.text(span)
        if node.get('type') and self.is_constant(node):
            return self.constant(node, span)
        if self.macro(node):
            return self.text(span)
        if kind == 'BinaryOperator':
            return self.binary(node, span)
        if kind == 'UnaryOperator' and node['opcode'] == '!':
            return self.join(span, self.parts(kids(node), self.truth))
        if kind == 'ConditionalOperator':
            inner = kids(node)
            return self.join(span, self.parts(inner[:1], self.truth) +
                             self.parts(inner[1:]))
        if kind == 'CallExpr':
            return self.join(span, self.parts(kids(node)[1:]))
        if kind == 'InitListExpr':
            return self.join(span, self.parts(
                k for k in kids(node) if self.span(k) and
                self.text(self.span(k)) != '0'))
        return self.join(span, self.parts(kids(node)))

    def binary(self, node, span):
        op, (left, right) = node['opcode'], kids(node)
        a, b = self.span(left), self.span(right)
        if a[1] > b[0]:
            return self.text(span)
        if op in LOGIC:
            n = self.new('logic', span)
            x, y = self.truth(left), self.truth(right)
            yes, no = (f'!!({y})', f'mu{n}') if op == '&&' else \
                (f'mu{n}', f'!!({y})')
            return f'({{ int mu{n} = !!({x}); (mu{n} ^ MU({n})) ? {yes} : {no}; }})'
        if op in EQUAL:
            n = self.new('equal', span)
            x, y = [self.text(self.span(k)) if self.is_constant(k) or
                    self.is_constant(strip(k)) else self.value(k)
                    for k in (left, right)]
            return f'(MU({n}) ^ (({x}) {op} ({y})))'
        if op in EDGE:
            n, m = self.new('edge', span), self.new('not', span)
            x, y = self.value(left), self.value(right)
            return (f'({{ __auto_type mul{n} = ({x}); __auto_type mur{n} = ({y}); '
                    f'MU({m}) ^ MU_PICK({n}, mul{n} {op} mur{n}, '
                    f'mul{n} {EDGE[op]} mur{n}); }})')
        return self.join(span, self.parts((left, right)))

    def truth(self, node):
        core, span = strip(node), self.span(node)
        if (core['kind'] == 'BinaryOperator' and
                core['opcode'] in (*LOGIC, *EQUAL, *EDGE) or
                core['kind'] == 'UnaryOperator' and core['opcode'] == '!' or
                core['kind'] == 'IntegerLiteral'):
            return self.value(node)
        n = self.new('not', span)
        return f'(MU({n}) ^ !!({self.value(node)}))'

    # ---- statements ----

    def statement(self, node, guarded=False):
        """(span, text); guarded: what is around it can be left without it."""
        kind, span = node['kind'], self.span(node)
        if kind in LEAVES:
            return self.leave(node, span, guarded)
        how = getattr(self, 'do_' + kind, None)
        if how:
            parts = how(node)
            # A branch that is one statement brings its semicolon.
            span = span[0], max([span[1], *(s[1] for s, _ in parts)])
            return span, self.join(span, parts)
        if kind == 'DeclStmt':
            return span, self.join(span, self.parts(
                init for var in kids(node) if var['kind'] == 'VarDecl' and
                var.get('storageClass') != 'static' for init in kids(var)))
        if kind == 'NullStmt' or self.macro(node):
            return span, self.text(span)
        if node['kind'] == 'CStyleCastExpr' and strip(
                kids(node)[0])['kind'] == 'DeclRefExpr':
            return span, self.text(span)
        n = self.new('drop', span)
        return span, f'(MU({n}) ? (void)0 : (void)({self.value(node)}))'

    def leave(self, node, span, guarded):
        semi = self.source.index(b';', span[1]) + 1
        drop = guarded and (self.void or span[1] < self.last or
                            node['kind'] != 'ReturnStmt')
        n = self.new('guard', (span[0], span[1])) if drop else None
        inner = kids(node)
        text = self.text(span)
        if inner:
            how = self.value
            if inner[0].get('type', {}).get('qualType') in ('bool', '_Bool'):
                how = self.truth
            text = self.join(span, self.parts(inner, how))
        if drop:
            return (span[0], semi), f'{{ if (!MU({n})) {text}; }}'
        return span, text

    def do_CompoundStmt(self, node, guarded=False):
        return [self.statement(k, guarded) for k in kids(node)]

    def branch(self, node):
        if node['kind'] == 'CompoundStmt':
            span = self.span(node)
            return span, self.join(span, self.do_CompoundStmt(node, True))
        return self.statement(node, True)

    def do_IfStmt(self, node):
        inner = kids(node)
        return self.parts(inner[:1], self.truth) + \
            [self.branch(k) for k in inner[1:]]

    def do_WhileStmt(self, node):
        inner = kids(node)
        return self.parts(inner[:1], self.truth) + [self.branch(inner[1])]

    def do_DoStmt(self, node):
        body, cond = kids(node)
        return [self.branch(body)] + self.parts([cond], self.truth)

    def do_ForStmt(self, node):
        init, _, cond, step, body = node['inner']
        found = [self.branch(body)]
        for k in (init, step):
            if k.get('kind') == 'DeclStmt':
                found.append(self.statement(k))
            elif k.get('kind'):
                found += self.parts([k])
        if cond.get('kind'):
            found += self.parts([cond], self.truth)
        return found

    def do_SwitchStmt(self, node):
        inner = kids(node)
        return self.parts(inner[:1]) + [self.branch(inner[-1])]

    def do_CaseStmt(self, node):
        return [self.statement(kids(node)[-1], True)]

    def do_DefaultStmt(self, node):
        return [self.statement(kids(node)[-1], True)]

    def do_LabelStmt(self, node):
        return [self.statement(kids(node)[-1])]

    # ---- the file ----

    def functions(self, tree):
        for node in tree['inner']:
            body = [k for k in kids(node) if k['kind'] == 'CompoundStmt']
            if node['kind'] != 'FunctionDecl' or not body:
                continue
            span = self.span(body[0])
            at = node['loc'].get('offset', -1)
            if (span and self.source[at:at + len(node['name'])] ==
                    node['name'].encode() and
                    self.source[span[0]:span[0] + 1] == b'{' and
                    self.source[span[1] - 1:span[1]] == b'}'):
                yield node, body[0], span

    def run(self, tree):
        parts = []
        for node, body, span in self.functions(tree):
            self.function = node['name']
            self.void = node['type']['qualType'].startswith('void (')
            inner = [s for s in map(self.span, kids(body)) if s]
            self.last = inner[-1][0] if inner else 0
            parts.append((span, self.join(span, self.do_CompoundStmt(body))))
        whole = self.join((0, len(self.source)), parts)
        return f'#include "mutant.h"\n#line 1 "{self.name}"\n{whole}'


def rewrite(top, name, flags, first):
    """The mutated text of a file of the tree at top, and its changes."""
    with open(f'{top}/{name}', 'rb') as f:
        source = f.read()
    dump = subprocess.run(
        ['clang', '-w', '-fsyntax-only', '-Xclang', '-ast-dump=json', *flags,
         f'{top}/{name}'], stdout=subprocess.PIPE, check=True).stdout
    r = Rewriter(name, source, first)
    return r.run(json.loads(dump)), r.mutants

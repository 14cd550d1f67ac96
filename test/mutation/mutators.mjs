import ts from 'typescript';

/**
 * What may go wrong in a node, as edits of the text: `[start, end, text, what]`.
 * Messages of errors and of the log are left alone; a test of their wording
 * would hold nothing.
 */
export function mutationsOf(node, source) {
  const text = (part) => part.getText(source);
  const replace = (part, by, what) => [
    part.getStart(source),
    part.getEnd(),
    by,
    what,
  ];
  const mutations = [];
  const add = (part, by, what) => mutations.push(replace(part, by, what));

  const condition = conditionOf(node);
  if (condition) {
    add(condition, 'true', 'condition is true');
    add(condition, 'false', 'condition is false');
  }
  if (ts.isBinaryExpression(node)) {
    const operator = text(node.operatorToken);
    for (const by of OPERATORS[operator] ?? []) {
      if (operator === '+' && (isText(node.left) || isText(node.right))) {
        continue;
      }
      add(node.operatorToken, by, `${operator} becomes ${by}`);
    }
    if (operator in DROPPED) {
      add(node, `(${text(node.left)})`, `right side of ${operator} dropped`);
      add(node, `(${text(node.right)})`, `left side of ${operator} dropped`);
    }
  }
  if (
    ts.isPrefixUnaryExpression(node) &&
    node.operator === ts.SyntaxKind.ExclamationToken
  ) {
    add(node, `(${text(node.operand)})`, '! dropped');
  }
  if (node.kind === ts.SyntaxKind.TrueKeyword) {
    add(node, 'false', 'true becomes false');
  }
  if (node.kind === ts.SyntaxKind.FalseKeyword) {
    add(node, 'true', 'false becomes true');
  }
  if (isRemovable(node)) {
    add(node, ';', 'statement removed');
  }
  const answer = booleanAnswerOf(node);
  if (answer) {
    add(answer, 'true', 'answers true');
    add(answer, 'false', 'answers false');
  }
  if (isText(node) && isMeaningful(node)) {
    const empty = ts.isStringLiteral(node) && node.text === '';
    add(node, empty ? "'mutated'" : "''", 'text changed');
  }
  if (node.kind === ts.SyntaxKind.RegularExpressionLiteral) {
    for (const [by, what] of weakerPatterns(text(node))) {
      add(node, by, what);
    }
  }
  if (
    (ts.isArrayLiteralExpression(node) &&
      !ts.isBinaryExpression(node.parent)) ||
    (ts.isObjectLiteralExpression(node) && !isInMessage(node))
  ) {
    const entries = node.elements ?? node.properties;
    const [open, close] = node.elements ? ['[', ']'] : ['{', '}'];
    for (const dropped of entries) {
      const kept = entries.filter((entry) => entry !== dropped).map(text);
      add(
        node,
        `${open}${kept.join(', ')}${close}`,
        `without ${short(text(dropped))}`,
      );
    }
  }
  if (node.questionDotToken) {
    const by = ts.isPropertyAccessExpression(node) ? '.' : '';
    add(node.questionDotToken, by, '?. dropped');
  }
  if (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression)
  ) {
    const { name, expression } = node.expression;
    const other = SWAPPED[name.text];
    if (other) {
      add(name, other, `${name.text} becomes ${other}`);
    }
    if (PASSED_THROUGH.has(name.text)) {
      add(node, text(expression), `${name.text}() dropped`);
    }
  }
  return mutations;
}

const OPERATORS = {
  '===': ['!=='],
  '!==': ['==='],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '&&': ['||'],
  '||': ['&&'],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '??=': ['='],
};
const DROPPED = { '&&': true, '||': true, '??': true };
const SWAPPED = {
  every: 'some',
  some: 'every',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  min: 'max',
  max: 'min',
  allSettled: 'all',
};
const PASSED_THROUGH = new Set([
  'filter',
  'flat',
  'slice',
  'sort',
  'toLowerCase',
  'trim',
]);

function conditionOf(node) {
  if (ts.isIfStatement(node) || ts.isWhileStatement(node)) {
    return node.expression;
  }
  return ts.isConditionalExpression(node) || ts.isForStatement(node)
    ? node.condition
    : undefined;
}

/** Calls, assignments, `throw`, and jumps that answer nothing. */
function isRemovable(node) {
  if (ts.isExpressionStatement(node)) {
    const { expression } = node;
    return !(
      ts.isCallExpression(expression) &&
      expression.expression.kind === ts.SyntaxKind.SuperKeyword
    );
  }
  return (
    ts.isThrowStatement(node) ||
    ts.isContinueStatement(node) ||
    ts.isBreakStatement(node) ||
    (ts.isReturnStatement(node) && !node.expression)
  );
}

/** What a function that is declared to answer yes or no answers. */
function booleanAnswerOf(node) {
  const answer = ts.isReturnStatement(node)
    ? node.expression
    : ts.isArrowFunction(node) && !ts.isBlock(node.body)
      ? node.body
      : undefined;
  const owner = ts.isArrowFunction(node)
    ? node
    : ts.findAncestor(node, ts.isFunctionLike);
  const type = owner?.type?.getText();
  return answer &&
    !/^(true|false)$/.test(answer.getText()) &&
    type !== undefined &&
    /^(Promise<)?boolean>?$|\bis\b/.test(type)
    ? answer
    : undefined;
}

function isText(node) {
  return (
    ts.isStringLiteral(node) ||
    ts.isNoSubstitutionTemplateLiteral(node) ||
    ts.isTemplateExpression(node)
  );
}

/** Comparisons have mutations of their own; names of properties and modules are no values. */
function isMeaningful(node) {
  const { parent } = node;
  return !(
    isInMessage(node) ||
    ts.isImportDeclaration(parent) ||
    ts.isExportDeclaration(parent) ||
    parent.expression?.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    (ts.isBinaryExpression(parent) &&
      /^[=!]==$/.test(parent.operatorToken.getText()))
  );
}

function isInMessage(node) {
  return Boolean(
    ts.findAncestor(
      node.parent,
      (ancestor) =>
        ts.isThrowStatement(ancestor) ||
        (ts.isNewExpression(ancestor) &&
          ancestor.expression.getText().endsWith('Error')) ||
        (ts.isCallExpression(ancestor) &&
          /\.(debug|warn|error|log)$/.test(ancestor.expression.getText())),
    ),
  );
}

function* weakerPatterns(pattern) {
  const end = pattern.lastIndexOf('/');
  const [body, flags] = [pattern.slice(1, end), pattern.slice(end + 1)];
  if (body.startsWith('^')) {
    yield [`/${body.slice(1)}/${flags}`, '^ dropped'];
  }
  if (/[^\\]\$$/.test(body)) {
    yield [`/${body.slice(0, -1)}/${flags}`, '$ dropped'];
  }
  if (flags !== '') {
    yield [`/${body}/`, `flags ${flags} dropped`];
  }
  yield ['/(?!)/', 'matches nothing'];
  yield [`/(?:)/${flags}`, 'matches everything'];
}

function short(text) {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}

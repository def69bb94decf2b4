// Finds the texts for people in TypeScript sources: those that are marked, for the catalogues, and those that look
// like texts and are not. Prints {texts: [{file, context, english, several}], unmarked: [{file, line, text}]} as JSON.
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const MARKS = { t: 'plain', mark: 'plain', rich: 'plain', tn: 'plural', tc: 'context' };
// Attributes and properties whose values people see or hear.
const SEEN = new Set([
  'title', 'label', 'aria-label', 'placeholder', 'alt', 'caption', 'text', 'words', 'short', 'about', 'action', 'heading', 'hint', 'question', 'confirm', 'done'
]);
const PROPERTIES = new Set(['label', 'text', 'words', 'caption', 'title', 'heading', 'hint']);
const WORD = /\p{L}{2,}/u;

const texts = [];
const unmarked = [];

function literal(node) {
  return node && (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) ? node.text : null;
}

function complain(source, node, what) {
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
  unmarked.push({ file: source.fileName, line: line + 1, text: what });
}

/** Names that programs know, whatever the language. */
const inCode = node => ts.isJsxElement(node.parent) && node.parent.openingElement.tagName.getText() === 'code';

/** Whether a value that people see has words in it that were written here. */
function words(node) {
  if (!node) return null;
  if (ts.isJsxExpression(node) || ts.isParenthesizedExpression(node)) return words(node.expression);
  if (ts.isConditionalExpression(node)) return words(node.whenTrue) ?? words(node.whenFalse);
  if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) return words(node.body);
  if (ts.isBinaryExpression(node)) {
    const both = [ts.SyntaxKind.PlusToken, ts.SyntaxKind.BarBarToken, ts.SyntaxKind.QuestionQuestionToken];
    if (both.includes(node.operatorToken.kind)) return words(node.left) ?? words(node.right);
    return node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken ? words(node.right) : null;
  }
  if (ts.isTemplateExpression(node)) {
    const said = [node.head, ...node.templateSpans.map(span => span.literal)].map(part => part.text).join(' ');
    return WORD.test(said) && !said.includes('/remote.php/') ? said : null;
  }
  const text = literal(node);
  return text !== null && WORD.test(text) ? text : null;
}

const joined = node => ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;

function marked(source, call) {
  const name = ts.isIdentifier(call.expression) ? call.expression.text : '';
  const kind = MARKS[name];
  if (!kind || !call.arguments.length) return;
  const [first, second] = call.arguments.map(literal);
  const file = source.fileName;
  if (kind === 'plain' && first !== null) texts.push({ file, context: '', english: first, several: '' });
  else if (kind === 'plural' && first !== null && second !== null) texts.push({ file, context: '', english: first, several: second });
  else if (kind === 'context' && first !== null && second !== null) texts.push({ file, context: first, english: second, several: '' });
  else if (kind !== 'plain' || ts.isTemplateExpression(call.arguments[0]) || joined(call.arguments[0])) {
    complain(source, call, `${name}() needs its text as one literal`);
  }
}

function visit(source, node) {
  if (ts.isCallExpression(node)) marked(source, node);
  if (ts.isJsxText(node) && WORD.test(node.text) && !inCode(node)) complain(source, node, node.text.trim());
  if (ts.isJsxExpression(node) && node.parent && (ts.isJsxElement(node.parent) || ts.isJsxFragment(node.parent))) {
    const said = words(node);
    if (said) complain(source, node, said);
  }
  if (ts.isJsxAttribute(node) && SEEN.has(node.name.getText(source))) {
    const said = words(node.initializer);
    if (said) complain(source, node, said);
  }
  if (ts.isPropertyAssignment(node) && PROPERTIES.has(node.name.getText(source))) {
    const said = words(node.initializer);
    if (said) complain(source, node, said);
  }
  ts.forEachChild(node, child => visit(source, child));
}

for (const file of process.argv.slice(2)) {
  const kind = file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true, kind);
  visit(source, source);
}
process.stdout.write(JSON.stringify({ texts, unmarked }));

// What relais/client exports, as the TypeScript compiler reads it: by the headings of src/client/index.ts,
// with what the docstrings say. Used by client-docs.js.
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
export const INDEX = `${ROOT}src/client/index.ts`;
/** A type that is inferred from a schema has no members to show. */
const INFERRED = /= (?:Static|Payload|Same)</;

/** The compiler on the index, and on text that lies beside it on no disk. */
export function compile({ name, text } = {}, before = undefined) {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  Object.assign(options, { noEmit: true, types: [], noUnusedLocals: false, noUnusedParameters: false });
  options.lib = [...options.lib, 'lib.dom.d.ts'];
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (path) => (path === name ? text : readFile(path));
  host.fileExists = (path) => path === name || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === name ? ts.createSourceFile(path, text, ts.ScriptTarget.ES2023) : getSourceFile(path, ...rest);
  return ts.createProgram(name === undefined ? [INDEX] : [INDEX, name], options, host, before);
}

/** Headings are comments `// ## Title`; the lines of comment below one say what its exports are for. */
export function readGroups(program) {
  const checker = program.getTypeChecker();
  const index = program.getSourceFile(INDEX);
  const groups = [];
  for (const statement of index.statements) {
    const heading = /\/\/ ## (.+)\n((?:\/\/ .*\n)*)/.exec(statement.getFullText());
    if (heading) groups.push({ title: heading[1], text: heading[2].replaceAll('// ', ''), exports: [] });
    for (const { name } of statement.exportClause.elements)
      groups.at(-1).exports.push(readExport(checker, checker.getSymbolAtLocation(name)));
  }
  return groups;
}

function readExport(checker, symbol) {
  const original = checker.getAliasedSymbol(symbol);
  // a schema and its type have one name and one docstring
  const nodes = original.declarations;
  const node = nodes.find((each) => ts.isTypeAliasDeclaration(each)) ?? nodes[0];
  const documented = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  const tags = ts.getJSDocTags(node);
  const textOf = (tag) => ts.getTextOfJSDocComment(tag.comment) ?? '';
  const named = (tagName) => tags.filter((tag) => tag.tagName.text === tagName).map(textOf);
  const docs = nodes.flatMap((each) => ts.getJSDocCommentsAndTags(each)).filter(ts.isJSDoc);
  return {
    name: symbol.name,
    isVerb: ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node),
    isPromise: ts.isFunctionDeclaration(node) && /Promise<|AsyncGenerator</.test(node.type?.getText() ?? ''),
    signature: signatureOf(checker, node, documented, original),
    text: docs.map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '').find((text) => text !== '') ?? '',
    bare: ts.isClassDeclaration(node) ? shownMembers(node).filter(isBare).map(nameOf) : [],
    throws: named('throws'),
    examples: named('example'),
  };
}

function signatureOf(checker, node, documented, symbol) {
  if (ts.isClassDeclaration(node)) return classOf(node);
  if (ts.isVariableDeclaration(node)) {
    const type = checker.typeToString(checker.getTypeOfSymbol(symbol), undefined, ts.TypeFormatFlags.None);
    // a long text is its own type
    return type.length > 100 ? `const ${symbol.name}` : `const ${symbol.name}: ${type}`;
  }
  const text = upToBody(documented, documented.getStart()).replace(/^export (?:type \{.*)?/, '');
  return INFERRED.test(text) ? '' : text;
}

/** What an app may call: neither private nor `@internal`. */
function shownMembers(node) {
  return node.members.filter(
    (member) =>
      (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) === 0 &&
      !nameOf(member).startsWith('#') &&
      !ts.getJSDocTags(member).some((tag) => tag.tagName.text === 'internal'),
  );
}

const nameOf = (member) => member.name?.text ?? 'constructor';
/**
 * A method without a sentence: a property may say all by its name, and the class speaks for its constructor.
 */
const isBare = (member) =>
  (ts.isMethodDeclaration(member) || ts.isAccessor(member)) &&
  ts.getJSDocCommentsAndTags(member).length === 0;

function classOf(node) {
  const members = shownMembers(node).map((member) => `  ${upToBody(member, member.getFullStart())}`);
  const head = node.getText().slice(0, node.getText().indexOf('{')).replace('export ', '');
  return `${head}{\n${members.join('\n')}\n}`;
}

function upToBody(node, start) {
  const text = node
    .getSourceFile()
    .text.slice(start, node.body?.getStart() ?? node.getEnd())
    .trim();
  const bare = text
    .replace(/(^|\n)( *)async |(?<=\*\/\n *(?:static )?)async /g, '$1$2')
    .replace('async ', '');
  return node.body ? `${bare};` : bare;
}

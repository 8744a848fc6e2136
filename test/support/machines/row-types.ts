import ts from 'typescript';

/** A place in the code that reads rows: of which queries, and what it takes them for. */
export interface Reader {
  readonly place: string;
  /** Labels of the queries that it may ask; `*` stands for any text. */
  readonly labels: readonly string[];
  /** What the rows are said to be: each member with the kinds that its values may have. */
  readonly row: ReadonlyMap<string, Member>;
}

export interface Member {
  readonly kind: string;
  readonly isOptional: boolean;
}

/**
 * Every `query<Row>(…)` of the server, by the compiler's own eyes: no list of rows is kept beside the code.
 */
export function findReaders(folder: string): Reader[] {
  const { config } = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
  const program = ts.createProgram(
    fileNames.filter((name) => name.includes(`/${folder}/`)),
    options,
  );
  const checker = program.getTypeChecker();
  const readers: Reader[] = [];
  const look = (node: ts.Node): void => {
    const reader = ts.isCallExpression(node) && readerOf(checker, node);
    if (reader) readers.push(reader);
    ts.forEachChild(node, look);
  };
  program
    .getSourceFiles()
    .filter(({ fileName }) => fileName.includes(`/${folder}/`))
    .forEach(look);
  return readers;
}

function readerOf(checker: ts.TypeChecker, call: ts.CallExpression): Reader | undefined {
  const name = ts.isPropertyAccessExpression(call.expression) ? call.expression.name : call.expression;
  const row = call.typeArguments?.[0];
  if (!row || !['query', 'statement'].includes(name.getText())) return undefined;
  const labels = call.arguments.flatMap((argument) => {
    const label = checker.getTypeAtLocation(argument).getProperty('label');
    return label ? partsOf(checker.getTypeOfSymbol(label)).map(labelOf) : [];
  });
  const { fileName } = call.getSourceFile();
  return {
    place: fileName.split('/src/')[1] ?? fileName,
    labels,
    row: membersOf(checker, checker.getTypeAtLocation(row)),
  };
}

function labelOf(type: ts.Type): string {
  if (type.isStringLiteral()) return type.value;
  return type.flags & ts.TypeFlags.TemplateLiteral ? (type as ts.TemplateLiteralType).texts.join('*') : '*';
}

function partsOf(type: ts.Type): readonly ts.Type[] {
  return type.isUnion() ? type.types : [type];
}

function membersOf(checker: ts.TypeChecker, row: ts.Type): Map<string, Member> {
  const members = new Map<string, Member>();
  for (const part of partsOf(row))
    for (const property of checker.getPropertiesOfType(part)) {
      const kind = kindOf(checker, checker.getTypeOfSymbol(property));
      const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
      const before = members.get(property.name);
      // a member that is null in one form of the row is what it is in the other
      if (!before || before.kind === 'null') members.set(property.name, { kind, isOptional });
    }
  return members;
}

const PRIMITIVES: readonly (readonly [ts.TypeFlags, string])[] = [
  [ts.TypeFlags.StringLike, 'string'],
  [ts.TypeFlags.NumberLike, 'number'],
  [ts.TypeFlags.BooleanLike, 'boolean'],
];

/**
 * `string`, `number`, `boolean`, `Date`, `bytes`, each with `[]` for a list of them, or `object`; `null`
 * where it is nothing else.
 */
function kindOf(checker: ts.TypeChecker, type: ts.Type): string {
  const some = checker.getNonNullableType(type);
  if (some.flags & ts.TypeFlags.Never) return 'null';
  const kinds = new Set(
    partsOf(some).map((part) => {
      const primitive = PRIMITIVES.find(([flags]) => part.flags & flags);
      if (primitive) return primitive[1];
      const name = part.getSymbol()?.name ?? '';
      if (['Buffer', 'Uint8Array'].includes(name)) return 'bytes';
      if (name === 'Date') return name;
      const item = checker.isArrayLikeType(part) && checker.getIndexTypeOfType(part, ts.IndexKind.Number);
      return item ? `${kindOf(checker, item)}[]` : 'object';
    }),
  );
  return [...kinds].sort().join(' or ');
}

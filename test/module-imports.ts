import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';

/** One mention of another module in a source file. */
export interface ModuleImport {
  readonly file: string;
  readonly line: number;
  readonly specifier: string;
  /** The file of this repository that a relative specifier names. */
  readonly target: string | undefined;
  /** `type` leaves no trace at run time; `dynamic` loads when it is reached. */
  readonly kind: 'static' | 'dynamic' | 'type';
}

/** The tree of a TypeScript file. */
export function sourceOf(file: string): ts.SourceFile {
  return ts.createSourceFile(
    file,
    readFileSync(file, 'utf8'),
    ts.ScriptTarget.ES2023,
    true,
  );
}

/** Everything that a TypeScript file imports, re-exports or requires. */
export function importsOf(file: string): ModuleImport[] {
  const source = sourceOf(file);
  const found: ModuleImport[] = [];
  const add = (specifier: ts.Node | undefined, kind: ModuleImport['kind']) => {
    if (specifier && ts.isStringLiteralLike(specifier)) {
      found.push({
        file,
        line: source.getLineAndCharacterOfPosition(specifier.pos).line + 1,
        specifier: specifier.text,
        target: targetOf(file, specifier.text),
        kind,
      });
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(
        node.moduleSpecifier,
        isTypeOnly(node.importClause) ? 'type' : 'static',
      );
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, isTypeOnly(node) ? 'type' : 'static');
    } else if (
      ts.isImportTypeNode(node) &&
      ts.isLiteralTypeNode(node.argument)
    ) {
      add(node.argument.literal, 'type');
    } else if (ts.isCallExpression(node)) {
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword) {
        add(node.arguments[0], 'dynamic');
      } else if (
        ts.isIdentifier(node.expression) &&
        node.expression.text === 'require'
      ) {
        add(node.arguments[0], 'static');
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTypeOnly(
  clause: ts.ImportClause | ts.ExportDeclaration | undefined,
): boolean {
  if (!clause) {
    return false;
  }
  if (clause.kind === ts.SyntaxKind.ExportDeclaration) {
    const { isTypeOnly: whole, exportClause } = clause;
    return whole || everyIsType(exportClause);
  }
  const { phaseModifier, name, namedBindings } = clause;
  return (
    phaseModifier === ts.SyntaxKind.TypeKeyword ||
    (!name && everyIsType(namedBindings))
  );
}

// `import { type A, type B }` leaves nothing behind once compiled.
function everyIsType(bindings: ts.Node | undefined): boolean {
  return (
    bindings !== undefined &&
    (ts.isNamedImports(bindings) || ts.isNamedExports(bindings)) &&
    bindings.elements.length > 0 &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

function targetOf(file: string, specifier: string): string | undefined {
  return specifier.startsWith('.')
    ? posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts')
    : undefined;
}

import { resolve } from 'node:path';
import ts from 'typescript';

const ENTRY_POINTS = [
  'lib/index.ts',
  'lib/authorization-server/index.ts',
  'lib/client/index.ts',
  'lib/fastapi-mcp/index.ts',
  'lib/stdio/index.ts',
  'lib/testing/index.ts',
];

/** What the library calls the types of objects of options. */
const OPTIONS =
  /(Options|^AuthConfig|Extras|Filter|Definition|Preset|ClaimPaths)$/;

/** One member of a type of options. */
interface OptionMember {
  readonly name: string;
  readonly isNumber: boolean;
  /** Its doc comment. */
  readonly comment: string;
}

/** The members of every type of options that the entry points export, by its name. */
export function exportedOptions(): ReadonlyMap<
  string,
  readonly OptionMember[]
> {
  const program = ts.createProgram(
    ENTRY_POINTS.map((file) => resolve(file)),
    {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      strict: true,
      experimentalDecorators: true,
      skipLibCheck: true,
      types: ['node'],
      noEmit: true,
    },
  );
  const checker = program.getTypeChecker();
  return new Map(
    ENTRY_POINTS.flatMap((file) => {
      const source = program.getSourceFile(resolve(file));
      const module = source && checker.getSymbolAtLocation(source);
      return module ? checker.getExportsOfModule(module) : [];
    })
      .filter(({ name }) => OPTIONS.test(name))
      .map((symbol) => {
        const target =
          symbol.flags & ts.SymbolFlags.Alias
            ? checker.getAliasedSymbol(symbol)
            : symbol;
        return [
          symbol.name,
          checker
            .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(target))
            .map((member) => ({
              name: member.name,
              isNumber: isNumber(checker.getTypeOfSymbol(member)),
              comment: ts.displayPartsToString(
                member.getDocumentationComment(checker),
              ),
            })),
        ] as const;
      }),
  );
}

function isNumber(type: ts.Type): boolean {
  return type.isUnion()
    ? type.types.some(isNumber)
    : (type.flags & ts.TypeFlags.NumberLike) !== 0;
}

import { resolve } from 'node:path';
import ts from 'typescript';
import type { CodeBlock } from './readme.js';

/**
 * Type-checks code blocks as modules of this repository, under its own
 * tsconfig, without writing them.
 *
 * @returns what the compiler has against each, empty where it has nothing
 */
export function typeCheck(
  root: string,
  blocks: readonly CodeBlock[],
): string[] {
  const { config } = ts.readConfigFile(resolve(root, 'tsconfig.json'), (path) =>
    ts.sys.readFile(path),
  ) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: [] },
    ts.sys,
    root,
  );
  const files = blocks.map(({ line }) =>
    resolve(root, `test/readme-line-${line}.ts`),
  );
  const sources = new Map([
    ...blocks.flatMap(({ code }) => modulesOf(root, code)),
    ...blocks.map(({ code }, index) => [files[index] ?? '', code] as const),
  ]);
  const host = ts.createCompilerHost(options);
  const disk = { ...host };
  host.fileExists = (file) => sources.has(file) || disk.fileExists(file);
  host.readFile = (file) => sources.get(file) ?? disk.readFile(file);
  host.getSourceFile = (file, target, ...rest) => {
    const code = sources.get(file);
    return code === undefined
      ? disk.getSourceFile(file, target, ...rest)
      : ts.createSourceFile(file, code, target);
  };
  const program = ts.createProgram(files, options, host);
  return files.map((file) => {
    const source = program.getSourceFile(file);
    return [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ]
      .map(({ messageText }) =>
        ts.flattenDiagnosticMessageText(messageText, '\n'),
      )
      .join('\n');
  });
}

/** Modules of the reader's own that a code block imports: `./app.module.js`. */
function modulesOf(root: string, code: string): (readonly [string, string])[] {
  return [...code.matchAll(/^import { (\w+) } from '\.\/(\S+)\.js';$/gm)].map(
    ([, name = '', file = '']) => [
      resolve(root, `test/${file}.ts`),
      `export class ${name} {}`,
    ],
  );
}

/** Runs a code block as a module and gives what it exports. */
export async function run({
  code,
}: CodeBlock): Promise<Record<string, unknown>> {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2023,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    },
  });
  const modules = new Map<string, unknown>();
  for (const [, name = ''] of outputText.matchAll(/require\("([^"]+)"\)/g)) {
    modules.set(name, await import(name));
  }
  const exported: Record<string, unknown> = {};
  // The text is the README's own, and must run in this realm, beside Nest.
  // oxlint-disable-next-line typescript/no-implied-eval
  const body = new Function('require', 'exports', outputText);
  body((name: string) => modules.get(name), exported);
  return exported;
}

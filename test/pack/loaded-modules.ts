import { run } from './packed-library.js';

// Modules that an `import` reaches, CommonJS ones among them, pass this hook;
// those that a `require` reaches are in its cache.
const HOOKS =
  'export async function load(url, context, next) {' +
  ' process._rawDebug(url); return next(url, context); }';
const REGISTER = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(HOOKS))});`;
const PRINT_CACHE =
  "console.log(Object.keys(require('node:module')._cache).join('\\n'))";

/** Every file that loading the main entry of the library loads, in one format. */
export async function loadedModules(
  app: string,
  format: 'import' | 'require',
): Promise<string[]> {
  const load =
    format === 'import'
      ? "import('nestjs-mcp')"
      : "Promise.resolve(require('nestjs-mcp'))";
  const script = `${load}.then(({ McpModule }) => { if (typeof McpModule.forRoot !== 'function') throw new Error('no McpModule'); ${PRINT_CACHE}; })`;
  const output = await run(
    app,
    'sh',
    '-c',
    '"$0" --import "$1" -e "$2" 2>&1',
    process.execPath,
    dataUrl(REGISTER),
    script,
  );
  return output.split('\n').filter(Boolean);
}

function dataUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

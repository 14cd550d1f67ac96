/**
 * Where a server's time goes while it answers one row's requests, by package
 * and by function: of its own (self), with what Node does for it (charged), and
 * with all it calls (inclusive; what follows an `await` is no longer in it).
 */
import { writeFileSync } from 'node:fs';
import { LoadGenerator } from './load-generator.mjs';
import { RunningServer } from './running-server.mjs';
import { rowNamed } from './rows.mjs';

const SECONDS = 3;
const FUNCTIONS = 30;
const IGNORED = new Set(['(idle)', '(program)']);

/** @param options `profile` names a row; `json` is where the profile goes, for the browser's tools; `node` runs the server */
export async function profile({
  profile: name,
  seconds = SECONDS,
  json,
  node,
}) {
  const row = rowNamed(name);
  const generator = new LoadGenerator();
  const server = await RunningServer.start(row.server, node);
  try {
    const expected = await generator.first(row, server);
    const length = { seconds: Number(seconds) };
    await generator.run(row, server, expected, length);
    await server.ask('startProfile');
    const { requestsPerSecond } = await generator.run(
      row,
      server,
      expected,
      length,
    );
    const recorded = await server.ask('stopProfile');
    console.log(`${name}: ${requestsPerSecond.toFixed(0)} req/s, profiled`);
    if (json !== undefined) {
      writeFileSync(json, JSON.stringify(recorded));
    }
    print(recorded);
  } finally {
    server.stop();
    generator.stop();
  }
}

function print({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) =>
      children.map((child) => [child, id]),
    ),
  );
  const packages = new Tally('package');
  const functions = new Tally('function');
  samples.forEach((id, index) => {
    const stack = [];
    for (let at = id; at !== undefined; at = parents.get(at)) {
      stack.push(byId.get(at).callFrame);
    }
    if (IGNORED.has(stack[0].functionName) || stack.some(isProfiler)) {
      return;
    }
    // What Node does counts for whoever asked for it.
    const caller = Math.max(0, stack.findIndex(isPackaged));
    packages.add(stack.map(packageOf), caller, timeDeltas[index]);
    functions.add(stack.map(functionOf), caller, timeDeltas[index]);
  });
  packages.print('charged');
  functions.print('self', FUNCTIONS);
  functions.print('charged', FUNCTIONS);
  functions.print('inclusive', FUNCTIONS);
}

/** Time by name: at the top of the stack, nearest to it outside Node, anywhere in it. */
class Tally {
  total = 0;
  self = new Map();
  charged = new Map();
  inclusive = new Map();

  constructor(what) {
    this.what = what;
  }

  add(names, caller, time) {
    this.total += time;
    count(this.self, names[0], time);
    count(this.charged, names[caller], time);
    for (const name of new Set(names)) {
      count(this.inclusive, name, time);
    }
  }

  print(order, limit = Infinity) {
    const share = (times, name) =>
      `${((100 * (times.get(name) ?? 0)) / this.total).toFixed(1)}%`.padStart(
        10,
      );
    console.log(
      `\n      self   charged inclusive  ${this.what}, by ${order} time`,
    );
    [...this[order]]
      .sort(([, a], [, b]) => b - a)
      .slice(0, limit)
      .forEach(([name]) =>
        console.log(
          share(this.self, name) +
            share(this.charged, name) +
            `${share(this.inclusive, name)}  ${name}`,
        ),
      );
  }
}

const count = (times, name, time) =>
  times.set(name, (times.get(name) ?? 0) + time);

function functionOf({ functionName, url, lineNumber }) {
  const file = url.replace(/^.*\/node_modules\/|^.*\/(?=dist\/)/, '');
  return `${functionName || '(anonymous)'} ${file}${url && `:${lineNumber + 1}`}`;
}

const isProfiler = ({ url, functionName }) =>
  url === 'node:inspector' || functionName === 'startProfile';

const isPackaged = (frame) => !['node', 'native'].includes(packageOf(frame));

function packageOf({ functionName, url }) {
  if (functionName === '(garbage collector)') {
    return 'garbage collector';
  }
  if (url.startsWith('node:')) {
    return 'node';
  }
  const [, installed] =
    url.match(/.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/) ?? [];
  const [, folder] = url.match(/\/dist\/esm\/([^/]+)/) ?? [];
  return (
    installed ??
    (folder && `nestjs-mcp ${folder}`) ??
    (url === '' ? 'native' : 'benchmark')
  );
}

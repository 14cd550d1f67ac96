/**
 * Measures what the scan adds to the start-up of an application with 100 and
 * with 1,000 routes, by class-validator alone and with `@nestjs/swagger` besides.
 * Times are processor time, which other work on the machine moves least.
 *
 * Run `npm run build:esm && node bench/startup.mjs [--node PATH] [--routes N]`.
 * Each figure is the median of several rounds of fresh processes.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './median.mjs';

const ROUNDS = 9;
const ROUTES_PER_CONTROLLER = 10;
/** Milliseconds that the scan may add to Nest's own start and the document, by routes. */
const TARGETS = { 100: 20, 1000: 60 };

const { values } = parseArgs({
  options: {
    node: { type: 'string', default: process.execPath },
    routes: { type: 'string' },
    // In a process of its own: what is started.
    start: { type: 'string' },
  },
});
if (values.start === undefined) {
  const withoutSwagger = copyWithoutSwagger();
  for (const routes of values.routes ? [values.routes] : [100, 1000]) {
    compare(Number(routes), withoutSwagger);
  }
} else {
  const routes = Number(values.routes);
  process.stdout.write(String(await startUp(values.start, routes)));
  process.exit(0);
}

function compare(routes, withoutSwagger) {
  const run = (name) => {
    const child = spawnSync(
      values.node,
      [process.argv[1], '--start', name, '--routes', String(routes)],
      {
        env: {
          ...process.env,
          ...(name === 'scan' && { STARTUP_PACKAGE: withoutSwagger }),
        },
        encoding: 'utf8',
      },
    );
    if (child.status !== 0) {
      throw new Error(child.stderr);
    }
    return Number(child.stdout);
  };
  // In turn, as the machine is not equally fast all the time.
  const times = Array.from({ length: ROUNDS }, () => ({
    nest: run('nest'),
    document: run('document'),
    scan: run('scan'),
    scanWithSwagger: run('scan-swagger'),
  }));
  const row = (name, value) =>
    console.log(`${name.padEnd(66)}${value.toFixed(0).padStart(6)} ms`);
  const onTop = (of, base) =>
    median(times.map((round) => round[of] - round[base]));
  console.log(`${routes} routes, median of ${ROUNDS} processes`);
  row("Nest's own start-up", median(times.map(({ nest }) => nest)));
  row('the scan without @nestjs/swagger, on top', onTop('scan', 'nest'));
  row("@nestjs/swagger's document, on top of Nest", onTop('document', 'nest'));
  row(
    'the scan with @nestjs/swagger, on top of Nest',
    onTop('scanWithSwagger', 'nest'),
  );
  const added = onTop('scanWithSwagger', 'document');
  row(
    "the scan with @nestjs/swagger, on top of Nest's and its document",
    added,
  );
  const atMost = TARGETS[routes];
  if (atMost !== undefined) {
    console.log(
      `${added <= atMost ? 'reached' : 'not reached'}: at most ${atMost} ms\n`,
    );
  }
}

/**
 * The built package in a place from which `@nestjs/swagger` cannot be found, as
 * in an application that has not installed it. (A hook on the resolution would
 * be measured, too.)
 */
function copyWithoutSwagger() {
  const root = mkdtempSync(join(tmpdir(), 'nestjs-mcp-startup-'));
  process.on('exit', () => rmSync(root, { recursive: true, force: true }));
  const own = fileURLToPath(new URL('..', import.meta.url));
  const link = (folder) => {
    mkdirSync(join(root, folder), { recursive: true });
    for (const name of readdirSync(join(own, folder))) {
      if (!['@nestjs', 'swagger', '.package-lock.json'].includes(name)) {
        symlinkSync(join(own, folder, name), join(root, folder, name));
      }
    }
  };
  link('node_modules');
  link('node_modules/@nestjs');
  cpSync(join(own, 'dist/esm'), join(root, 'dist'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  return pathToFileURL(join(root, 'dist/index.js')).href;
}

/** @returns milliseconds */
async function startUp(kind, routes) {
  await import('reflect-metadata');
  const { Body, Controller, Module, Param, ParseIntPipe, Post, Query } =
    await import('@nestjs/common');
  const { NestFactory } = await import('@nestjs/core');
  const { IsInt, IsOptional, IsString, Min } = await import('class-validator');
  const { McpModule } = await import(
    process.env.STARTUP_PACKAGE ?? '../dist/esm/index.js'
  );
  const swagger =
    kind === 'document' || kind === 'scan-swagger'
      ? await import('@nestjs/swagger')
      : undefined;
  const property = (target, name, type, ...decorators) => {
    Reflect.defineMetadata('design:type', type, target.prototype, name);
    for (const decorate of decorators) {
      decorate(target.prototype, name);
    }
    swagger?.ApiProperty({ description: name })(target.prototype, name);
  };
  const controllers = [];
  for (let c = 0; c < routes / ROUTES_PER_CONTROLLER; c++) {
    const Dto = { [`Thing${c}Dto`]: class {} }[`Thing${c}Dto`];
    property(Dto, 'name', String, IsString());
    property(Dto, 'size', Number, IsInt(), Min(1));
    property(Dto, 'note', String, IsString(), IsOptional());
    const Things = { [`Things${c}Controller`]: class {} }[
      `Things${c}Controller`
    ];
    for (let r = 0; r < ROUTES_PER_CONTROLLER; r++) {
      const name = `change${r}`;
      Object.defineProperty(Things.prototype, name, {
        value: () => ({}),
        configurable: true,
      });
      Param('id', ParseIntPipe)(Things.prototype, name, 0);
      Query('q')(Things.prototype, name, 1);
      Body()(Things.prototype, name, 2);
      const types = [Number, String, Dto];
      Reflect.defineMetadata(
        'design:paramtypes',
        types,
        Things.prototype,
        name,
      );
      const descriptor = Object.getOwnPropertyDescriptor(
        Things.prototype,
        name,
      );
      Post(`:id/${name}`)(Things.prototype, name, descriptor);
      swagger?.ApiOperation({ summary: `Change ${r}` })(
        Things.prototype,
        name,
        descriptor,
      );
      swagger?.ApiOkResponse({ type: Dto })(Things.prototype, name, descriptor);
    }
    Controller(`things${c}`)(Things);
    controllers.push(Things);
  }
  const AppModule = class {};
  Module({
    controllers,
    imports: kind.startsWith('scan')
      ? [McpModule.forRoot({ expose: 'all', limits: { maxListTokens: 1e9 } })]
      : [],
  })(AppModule);

  const before = process.cpuUsage();
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  await app.init();
  if (kind === 'document') {
    swagger.SwaggerModule.createDocument(
      app,
      new swagger.DocumentBuilder().build(),
    );
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

import {
  Body,
  Controller,
  Get,
  type INestApplication,
  Module,
  Param,
  Post,
  type Type,
} from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import { IsOptional, IsString } from 'class-validator';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { McpModule, type McpModuleOptions, McpTool } from '../../lib/index.js';
import {
  checkPortability,
  expectToolsToMatchSnapshot,
} from '../../lib/testing/index.js';
import { ADAPTERS, createAdapter } from '../support/adapters.js';

class NewCat {
  @IsString()
  name!: string;

  @IsOptional()
  @IsString()
  colour?: string;
}

@Controller('cats')
class CatsController {
  @Get(':id')
  @ApiOperation({ summary: 'One cat' })
  findOne(@Param('id') id: string): string {
    return id;
  }

  @Post()
  create(@Body() cat: NewCat): NewCat {
    return cat;
  }
}

@Controller('bad')
class BadController {
  @Get(':id')
  @McpTool({
    name: 'bad.one',
    inputSchema: {
      type: 'object',
      properties: {
        id: { type: ['string', 'null'] },
        mail: { type: 'string', format: 'email' },
        any: {},
        pair: { type: 'array', prefixItems: [{ const: 1 }] },
      },
    },
  })
  findOne(@Param('id') id: string): string {
    return id;
  }
}

const bootTools = async (
  controllers: Type<unknown>[],
  adapter: (typeof ADAPTERS)[number] = 'express',
  options: McpModuleOptions = {},
): Promise<INestApplication> => {
  @Module({
    imports: [
      McpModule.forRoot({
        name: 'atlas',
        auth: false,
        expose: 'all',
        ...options,
      }),
    ],
    controllers,
  })
  class App {}
  const module = await Test.createTestingModule({ imports: [App] }).compile();
  return module.createNestApplication(createAdapter(adapter), {
    logger: false,
  });
};

describe.each(ADAPTERS)('checkPortability() on %s', (adapter) => {
  it('finds nothing in what is exposed by default', async () => {
    const app = await bootTools([CatsController], adapter);
    expect(await checkPortability(app)).toEqual([]);
    await app.close();
  });

  it('names client, tool, rule, source and remedy of what is written by hand', async () => {
    const app = await bootTools([BadController], adapter);
    const findings = await checkPortability(app);
    await app.close();
    expect(findings).toContainEqual({
      client: 'ChatGPT',
      tool: 'bad.one',
      rule: 'A name has A-Z, a-z, 0-9, "_" and "-" alone',
      source: 'GET /bad/:id (BadController.findOne)',
      remedy: expect.stringContaining('@McpTool({ name })') as string,
    });
    const ofGemini = findings
      .filter(({ client }) => client === 'Gemini')
      .map(({ rule, source }) => `${rule} at ${source.split(' at ')[1] ?? ''}`);
    expect(ofGemini).toEqual(
      expect.arrayContaining([
        'A schema has one type at #/properties/id',
        'The only format of a text is date-time at #/properties/mail',
        'A value has a type at #/properties/any',
        'const and prefixItems are unknown at #/properties/pair',
        'const and prefixItems are unknown at #/properties/pair/prefixItems/0',
      ]),
    );
    expect(
      findings.filter(({ client }) => client === 'OpenAI strict'),
    ).toContainEqual(
      expect.objectContaining({
        rule: 'An object names all of its properties',
      }),
    );
  });
});

it('holds tools to the rules of the clients that are asked for', async () => {
  const app = await bootTools([BadController]);
  const findings = await checkPortability(app, { clients: ['Gemini'] });
  expect(new Set(findings.map(({ client }) => client))).toEqual(
    new Set(['Gemini']),
  );
  await expect(
    checkPortability(app, { clients: ['Gemin' as 'Gemini'] }),
  ).rejects.toThrow(/clients has "Gemin"\. Write some of "Claude"/);
  await app.close();
});

it('finds a full schema, and more tools than some clients take', async () => {
  const controllers = Array.from({ length: 41 }, (_, i) => {
    @Controller(`zoo${i}`)
    class ZooController {
      @Get('a')
      @McpTool({ name: `a${i}` })
      a(): string {
        return '';
      }

      @Post('b')
      @McpTool({ name: `b${i}` })
      b(@Body('at') at: number | undefined): number {
        return at ?? 0;
      }
    }
    return ZooController;
  });
  const app = await bootTools(controllers, 'express', {
    portability: 'strict',
  });
  const findings = await checkPortability(app);
  await app.close();
  expect(findings).toContainEqual(
    expect.objectContaining({ client: 'Cursor', tool: undefined }),
  );
  expect(findings.some(({ client }) => client === 'VS Code')).toBe(false);
});

describe('expectToolsToMatchSnapshot()', () => {
  let folder: string;
  let file: string;
  const ci = process.env['CI'];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestjs-mcp-'));
    file = join(folder, 'locks', 'tools.lock.json');
    delete process.env['CI'];
  });
  afterEach(async () => {
    if (ci !== undefined) process.env['CI'] = ci;
    delete process.env['UPDATE_TOOLS'];
    await rm(folder, { recursive: true });
  });

  it('writes the file where there is none, and then takes what equals it', async () => {
    const app = await bootTools([CatsController]);
    await expectToolsToMatchSnapshot(app, file);
    const saved = JSON.parse(await readFile(file, 'utf8')) as object;
    expect(Object.keys(saved)).toEqual(['cats_create', 'cats_find_one']);
    await expectToolsToMatchSnapshot(app, file);
    await app.close();
  });

  it('throws a diff where a schema has changed, and writes it anew when told to', async () => {
    const app = await bootTools([CatsController]);
    await expectToolsToMatchSnapshot(app, file);
    const saved = await readFile(file, 'utf8');
    await writeFile(file, saved.replace('"colour"', '"color"'));
    await expect(expectToolsToMatchSnapshot(app, file)).rejects.toThrow(
      /The tools differ from .*\(changed: cats_create\)[^]*\+ +colour[^]*- +color/,
    );
    await expectToolsToMatchSnapshot(app, file, { update: true });
    expect(await readFile(file, 'utf8')).toBe(saved);
    await writeFile(file, '{}');
    process.env['UPDATE_TOOLS'] = '1';
    await expectToolsToMatchSnapshot(app, file);
    expect(await readFile(file, 'utf8')).toBe(saved);
    await app.close();
  });

  it('names tools that came and went', async () => {
    const one = await bootTools([CatsController]);
    await expectToolsToMatchSnapshot(one, file);
    await one.close();
    const other = await bootTools([BadController]);
    await expect(expectToolsToMatchSnapshot(other, file)).rejects.toThrow(
      /added: bad\.one; removed: cats_create, cats_find_one/,
    );
    await other.close();
  });

  it('writes nothing in a build, and says what is missing', async () => {
    process.env['CI'] = 'true';
    const app = await bootTools([CatsController]);
    await expect(expectToolsToMatchSnapshot(app, file)).rejects.toThrow(
      /There is no .*tools\.lock\.json, and CI is set/,
    );
    await app.close();
  });

  it('says so where the file is no JSON', async () => {
    const app = await bootTools([CatsController]);
    await expectToolsToMatchSnapshot(app, file);
    await writeFile(file, '<<<<<<< HEAD');
    await expect(expectToolsToMatchSnapshot(app, file)).rejects.toThrow(
      /cannot be read as JSON/,
    );
    await app.close();
  });
});

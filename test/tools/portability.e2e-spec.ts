import {
  Body,
  Controller,
  Delete,
  Get,
  Injectable,
  Module,
  Param,
  Post,
  Query,
  type Type,
} from '@nestjs/common';
import {
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
} from '@nestjs/swagger';
import { Type as ToType } from 'class-transformer';
import {
  IsEmail,
  IsIn,
  IsOptional,
  IsPositive,
  IsString,
  IsUUID,
  Matches,
  ValidateNested,
} from 'class-validator';
import { z } from 'zod';
import { McpModule, type McpModuleOptions, McpTool } from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp } from '../support/boot-app.js';
import { callTool, type ListedTool, listTools } from '../support/call-tool.js';
import { ERAS } from '../support/json-rpc.js';

class Part {
  @IsString()
  name!: string;

  @IsOptional()
  @ValidateNested()
  @ToType(() => Part)
  part?: Part;
}

class Order {
  @IsUUID()
  id!: string;

  @IsEmail()
  @ApiProperty({ description: 'Whom to write' })
  email!: string;

  @IsOptional()
  @IsString()
  note?: string;

  @ApiPropertyOptional({ type: String, nullable: true })
  @IsOptional()
  code?: string | null;

  @IsIn(['s', 'l', null])
  size!: string | null;

  @IsPositive()
  amount!: number;

  @Matches(/^(?!x)[a-z]+$/)
  word!: string;

  @ValidateNested()
  @ToType(() => Part)
  part!: Part;
}

const Payment = z.object({
  kind: z.literal('card'),
  place: z.tuple([z.number(), z.number()]),
  way: z.union([z.string(), z.null()]),
  only: z.literal(true),
});

@Controller('orders')
class OrdersController {
  @Get(':id')
  @ApiOperation({ summary: 'One order.' })
  findOne(@Param('id') id: string): string {
    return id;
  }

  @Get()
  @ApiOperation({ operationId: 'orders.list' })
  list(@Query('size') size?: string): string {
    return size ?? '';
  }

  @Post()
  create(@Body() order: Order): Order {
    return order;
  }

  @Post('pay')
  @McpTool({ inputSchema: Payment })
  pay(@Body() payment: object): object {
    return payment;
  }

  @Delete(':id')
  @McpTool({ title: 'Away with it', annotations: { openWorldHint: true } })
  remove(@Param('id') id: string): string {
    return id;
  }
}

@Injectable()
class SumTools {
  @McpTool({ description: 'Adds' })
  addUp(): string {
    return '';
  }
}

const appOf = (
  options: McpModuleOptions = {},
  controllers: Type<unknown>[] = [OrdersController],
) => {
  @Module({
    imports: [
      McpModule.forRoot({
        name: 'shop',
        auth: false,
        expose: 'all',
        ...options,
      }),
    ],
    controllers,
    providers: [SumTools],
  })
  class App {}
  return App;
};

/** Every schema in a schema, itself included, with the keyword it stands under. */
function schemasIn(schema: unknown): Record<string, unknown>[] {
  if (typeof schema !== 'object' || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap(schemasIn);
  const { properties, $defs, ...rest } = schema as Record<string, unknown>;
  return [
    rest,
    ...[properties, $defs].flatMap((map) =>
      Object.values((map ?? {}) as object).flatMap(schemasIn),
    ),
    ...Object.entries(rest).flatMap(([keyword, value]) =>
      ['enum', 'default', 'examples', 'required'].includes(keyword)
        ? []
        : schemasIn(value),
    ),
  ];
}

/** What vendors refuse a tool, or the whole list, for. */
const faultsOf = (tool: ListedTool): string[] => [
  ...(/^[A-Za-z0-9_-]+$/.test(tool.name) ? [] : ['name']),
  ...(`mcp__shop__${tool.name}`.length <= 64 ? [] : ['length']),
  ...(tool.title ? [] : ['title']),
  ...(typeof tool.annotations?.['openWorldHint'] === 'boolean'
    ? []
    : ['openWorldHint']),
  ...['anyOf', 'oneOf', 'allOf', '$ref', 'enum', 'not']
    .filter((keyword) => keyword in tool.inputSchema)
    .map((keyword) => `${keyword} at the root`),
  ...schemasIn(tool.inputSchema).flatMap((schema) => [
    ...(Array.isArray(schema['type']) ? ['types in a list'] : []),
    ...('enum' in schema && !('type' in schema) ? ['enum without type'] : []),
    ...(![undefined, 'date-time'].includes(schema['format'] as string)
      ? [`format ${String(schema['format'])}`]
      : []),
    ...(/\(\?[=!<]/.test(String(schema['pattern'])) ? ['pattern'] : []),
    ...('$ref' in schema && Object.keys(schema).length > 1
      ? ['words beside $ref']
      : []),
    ...('$ref' in schema && !/^#\/\$defs\/\w+$/.test(String(schema['$ref']))
      ? [`$ref ${String(schema['$ref'])}`]
      : []),
    ...['const', 'oneOf', 'allOf', 'not', 'prefixItems', 'exclusiveMinimum']
      .filter((keyword) => keyword in schema)
      .map((keyword) => keyword),
  ]),
];

describe.each(ADAPTERS)('tools by default on %s', (adapter) => {
  it.each(ERAS)(
    'are such as every client takes, in the %s era',
    async (era) => {
      const booted = await bootApp(appOf(), adapter);
      try {
        const tools = await listTools(`${booted.url}/mcp`, { era });
        expect(tools).toHaveLength(6);
        for (const tool of tools) {
          expect([tool.name, faultsOf(tool)]).toEqual([tool.name, []]);
        }
      } finally {
        await booted.close();
      }
    },
  );

  it.each(ERAS)(
    'take calls that are held to the full schema, in the %s era',
    async (era) => {
      const booted = await bootApp(appOf(), adapter);
      try {
        const url = `${booted.url}/mcp`;
        const order = {
          id: '5f9d1c1e-0b1a-4d0e-9d0a-2f3b4c5d6e7f',
          email: 'a@example.com',
          size: null,
          amount: 1,
          word: 'abc',
          part: { name: 'a', part: { name: 'b' } },
        };
        expect(
          (await callTool(url, 'orders_create', order, { era })).isError,
        ).toBe(false);
        for (const wrong of [{ word: 'xyz' }, { size: 'm' }, { amount: 0 }]) {
          const answer = await callTool(
            url,
            'orders_create',
            { ...order, ...wrong },
            { era },
          );
          expect(answer.isError).toBe(true);
          expect(answer.text).toContain(Object.keys(wrong)[0]);
        }
        const paid = { kind: 'card', place: [1, 2], way: null, only: true };
        expect((await callTool(url, 'orders_pay', paid, { era })).isError).toBe(
          false,
        );
        expect(
          (await callTool(url, 'orders_pay', { ...paid, place: [1] }, { era }))
            .isError,
        ).toBe(true);
      } finally {
        await booted.close();
      }
    },
  );

  it('have a title and hints, of which what the developer wrote stays', async () => {
    const booted = await bootApp(appOf(), adapter);
    const tools = await listTools(`${booted.url}/mcp`);
    await booted.close();
    expect(
      Object.fromEntries(
        tools.map(({ name, title, annotations }) => [
          name,
          [title, annotations],
        ]),
      ),
    ).toEqual({
      orders_find_one: [
        'One order',
        { readOnlyHint: true, openWorldHint: false },
      ],
      orders_list: ['List', { readOnlyHint: true, openWorldHint: false }],
      orders_create: ['Create', { readOnlyHint: false, openWorldHint: false }],
      orders_pay: ['Pay', { readOnlyHint: false, openWorldHint: false }],
      orders_remove: [
        'Away with it',
        {
          readOnlyHint: false,
          destructiveHint: true,
          idempotentHint: true,
          openWorldHint: true,
        },
      ],
      sum_add_up: ['Add up', { openWorldHint: false }],
    });
  });

  it("keep the full schema with portability: 'strict'", async () => {
    const booted = await bootApp(appOf({ portability: 'strict' }), adapter);
    const tools = await listTools(`${booted.url}/mcp`);
    await booted.close();
    const create = tools.find(({ name }) => name === 'orders_create');
    expect(create?.inputSchema.properties).toMatchObject({
      id: { format: 'uuid' },
      email: { format: 'email' },
      amount: { exclusiveMinimum: 0 },
      word: { pattern: '^(?!x)[a-z]+$' },
    });
    const pay = tools.find(({ name }) => name === 'orders_pay');
    expect(pay?.inputSchema.properties).toMatchObject({
      kind: { const: 'card' },
      place: { prefixItems: [{ type: 'number' }, { type: 'number' }] },
    });
  });
});

it.each(['narrow', true])(
  'portability: %j stops the application',
  async (portability) => {
    await expect(
      bootApp(appOf({ portability: portability as 'wide' }), 'express'),
    ).rejects.toThrow(/portability is .*Write "wide" or "strict"/);
  },
);

@Controller('organisation-memberships')
class OrganisationMembershipInvitationsController {
  @Get('a')
  findEverythingThatIsWaitingForConfirmation(): string {
    return 'a';
  }

  @Get('b')
  @ApiOperation({
    operationId: 'MembershipsController_findEverythingThatIsWaitingInSomeQueue',
  })
  other(): string {
    return 'b';
  }

  @Get('c')
  @McpTool({
    name: 'this.one_is_named_by_hand_and_stays_as_it_is_whatever_its_length',
  })
  byHand(): string {
    return 'c';
  }
}

@Controller('twins')
class OrderingController {
  @Get('a')
  @ApiOperation({
    operationId: 'organisationalUnits_membershipRequests_waitingForSomebody',
  })
  one(): string {
    return 'a';
  }

  @Get('b')
  @ApiOperation({
    operationId:
      'organisationalUnits_membershipRequests_waitingForSomebodyElse',
  })
  other(): string {
    return 'b';
  }
}

describe('names that are too long', () => {
  const namesOf = async (controller: Type<unknown>, warnings?: string[]) => {
    const booted = await bootApp(appOf({}, [controller]), 'express');
    try {
      warnings?.push(...booted.logger.of('warn'));
      return (await listTools(`${booted.url}/mcp`)).map(({ name }) => name);
    } finally {
      await booted.close();
    }
  };

  it('are shortened where nobody chose them, and told of once where somebody did', async () => {
    const warnings: string[] = [];
    const names = await namesOf(
      OrganisationMembershipInvitationsController,
      warnings,
    );
    expect(names).toEqual([
      'Memberships_findEverythingThatIsWaitingInSomeQueue',
      'orga_memb_invi_find_ever_that_is_waiting_for_conf',
      'sum_add_up',
      'this.one_is_named_by_hand_and_stays_as_it_is_whatever_its_length',
    ]);
    expect(warnings.filter((line) => /The name/.test(line))).toEqual([
      expect.stringContaining('"this.one_is_named_by_hand'),
    ]);
  });

  it('are the same on every start, and differ where the long ones do', async () => {
    const names = await namesOf(OrderingController);
    expect(names).toEqual(await namesOf(OrderingController));
    expect(new Set(names).size).toBe(3);
  });
});

it('tells in one line what models have to guess', async () => {
  @Controller('guess')
  class GuessController {
    @Post()
    take(@Body('what') what: unknown, @Query('count') count: string): string {
      return String(what) + count;
    }
  }
  const booted = await bootApp(appOf({}, [GuessController]), 'express');
  const lines = booted.logger
    .of('log')
    .filter((line) => /no description/.test(line));
  await booted.close();
  expect(lines).toEqual([
    expect.stringMatching(
      /^1 tool has no description: guess_take\..* 1 tool has arguments without a description: guess_take \(count, what\)\..* 1 tool has arguments of any type: guess_take \(what\)\./,
    ),
  ]);
});

import {
  All,
  Controller,
  Get,
  Module,
  Param,
  Post,
  type Type,
  Version,
  VersioningType,
  type VersioningOptions,
} from '@nestjs/common';
import { McpModule, McpTool } from '../../lib/index.js';
import type { McpModuleOptions } from '../../lib/index.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool, toolNames } from '../support/call-tool.js';

const boot = (
  controllers: Type<unknown>[],
  options: McpModuleOptions = {},
  versioning?: VersioningOptions,
): Promise<BootedApp> => {
  @Module({
    imports: [McpModule.forRoot({ name: 'names', expose: 'all', ...options })],
    controllers,
  })
  class App {}
  return bootApp(App, 'express', {
    configure: (app) => {
      if (versioning) app.enableVersioning(versioning);
    },
  });
};

const namesOf = async (...args: Parameters<typeof boot>): Promise<string[]> => {
  const booted = await boot(...args);
  try {
    return await toolNames(`${booted.url}/mcp`);
  } finally {
    await booted.close();
  }
};

@Controller('a')
class TwinsController {
  @Get('x')
  @McpTool({ name: 'same' })
  first(): string {
    return 'first';
  }

  @Get('y')
  @McpTool({ name: 'same' })
  second(): string {
    return 'second';
  }
}

@Controller('b')
class CaseTwinsController {
  @Get('x')
  @McpTool({ name: 'find' })
  first(): string {
    return 'first';
  }

  @Get('y')
  @McpTool({ name: 'Find' })
  second(): string {
    return 'second';
  }
}

@Controller('plain')
class PlainHTTPThingController {
  @Get()
  findAllByURL(): string {
    return 'x';
  }
}

describe('the name of a tool', () => {
  it('is controller and method in snake case by default', async () => {
    expect(await namesOf([PlainHTTPThingController])).toEqual([
      'plain_http_thing_find_all_by_url',
    ]);
  });

  it('is what the toolName option makes of controller, method and route', async () => {
    const seen: unknown[] = [];
    const names = await namesOf([PlainHTTPThingController], {
      toolName: (context) => {
        seen.push(context);
        return `${context.httpMethod}.${context.method}`;
      },
    });
    expect(names).toEqual(['GET.findAllByURL']);
    expect(seen).toEqual([
      {
        controller: 'PlainHTTPThingController',
        method: 'findAllByURL',
        operationId: undefined,
        httpMethod: 'GET',
        path: '/plain',
        version: undefined,
      },
    ]);
  });

  it.each([
    [
      'twice',
      TwinsController,
      [
        'same',
        'TwinsController.first',
        'TwinsController.second',
        '/a/x',
        '/a/y',
      ],
    ],
    [
      'twice but for the case',
      CaseTwinsController,
      ['find', 'Find', '/b/x', '/b/y'],
    ],
  ])(
    'stops the application when given %s, naming both routes',
    async (_, controller, parts) => {
      const error = await boot([controller]).catch((e: Error) => e);
      expect(error).toBeInstanceOf(Error);
      for (const part of parts)
        expect((error as Error).message).toContain(part);
    },
  );

  it('may be given twice where a filter takes one out', async () => {
    expect(
      await namesOf([TwinsController], { exclude: { paths: ['/a/y'] } }),
    ).toEqual(['same']);
  });

  it.each(['', 'with space', 'sl/ash', 'ünïcode', 'comma,', 'x'.repeat(129)])(
    'stops the application when it is %j',
    async (name) => {
      const error = await boot([PlainHTTPThingController], {
        toolName: () => name,
      }).catch((e: Error) => e);
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).message).toContain('PlainHTTPThingController');
    },
  );

  it('may have 128 characters, with a warning above 64 less those of mcp__<server>__', async () => {
    const name = 'n'.repeat(128);
    const booted = await boot([PlainHTTPThingController], {
      toolName: () => name,
    });
    expect(await toolNames(`${booted.url}/mcp`)).toEqual([name]);
    expect(booted.logger.of('warn').join('\n')).toContain(name);
    await booted.close();
    const short = await boot([PlainHTTPThingController], {
      name: 'atlas',
      toolName: () => 'n'.repeat(52),
    });
    expect(short.logger.of('warn').join('\n')).not.toContain('nnnn');
    await short.close();
  });
});

@Controller({ path: 'cars', version: ['1', '2'] })
class CarsController {
  @Get()
  list(): string {
    return 'cars';
  }

  @Get('new')
  @Version('2')
  fresh(): string {
    return 'new cars';
  }
}

describe('versions', () => {
  it('are suffixes where nothing else tells tools apart', async () => {
    expect(
      await namesOf([CarsController], {}, { type: VersioningType.URI }),
    ).toEqual(['cars_fresh', 'cars_list_v1', 'cars_list_v2']);
  });

  it('with a custom extractor need headers', async () => {
    const versioning: VersioningOptions = {
      type: VersioningType.CUSTOM,
      extractor: (request) =>
        (request as { headers: Record<string, string> }).headers['x-v'] ?? '1',
    };

    @Controller({ path: 'vans', version: '2' })
    class VansController {
      @Get()
      @McpTool({ headers: { 'X-V': '2' } })
      list(): string {
        return 'vans of version 2';
      }
    }
    const booted = await boot([VansController], {}, versioning);
    const [name] = await toolNames(`${booted.url}/mcp`);
    const result = await callTool(`${booted.url}/mcp`, String(name));
    expect(result.text).toBe('vans of version 2');
    await booted.close();

    @Controller({ path: 'vans', version: '2' })
    class UnclearController {
      @Get()
      @McpTool()
      list(): string {
        return 'vans';
      }
    }
    await expect(boot([UnclearController], {}, versioning)).rejects.toThrow(
      /headers/,
    );
  });
});

describe('@McpTool() where it cannot be', () => {
  it('on a controller method that is no route stops the application', async () => {
    @Controller('loose')
    class LooseController {
      @Get()
      fine(): string {
        return 'fine';
      }

      @McpTool()
      loose(): string {
        return 'unguarded';
      }
    }
    await expect(boot([LooseController])).rejects.toThrow(
      /LooseController\.loose/,
    );
  });

  it('on a route of all methods needs one of them', async () => {
    @Controller('every')
    class EveryController {
      @All()
      @McpTool()
      every(): string {
        return 'x';
      }
    }
    await expect(boot([EveryController])).rejects.toThrow(/method/);
  });

  it('leaves an undecorated route of all methods out, with a warning', async () => {
    @Controller('every')
    class EveryController {
      @All('all')
      every(): string {
        return 'x';
      }

      @Get('one')
      one(): string {
        return 'x';
      }
    }
    const booted = await boot([EveryController]);
    expect(await toolNames(`${booted.url}/mcp`)).toEqual(['every_one']);
    expect(booted.logger.of('warn').join('\n')).toContain(
      'EveryController.every',
    );
    await booted.close();
  });

  it('with a path the method does not serve stops the application', async () => {
    @Controller('many')
    class ManyController {
      @Post([':id/a', ':id/b'])
      @McpTool({ path: ':id/c' })
      act(@Param('id') id: string): string {
        return id;
      }
    }
    await expect(boot([ManyController])).rejects.toThrow(/many\/:id\/a/);
  });
});

describe('two classes of one name', () => {
  const usersAt = (path: string): Type => {
    @Controller(path)
    class UsersController {
      @Get()
      list(): string {
        return path;
      }

      @Get(':id/posts')
      posts(@Param('id') id: string): string {
        return `${path} ${id}`;
      }
    }
    return UsersController;
  };

  it('get names that tell their paths, with a warning, and each calls its own', async () => {
    const booted = await boot([
      usersAt('api/users'),
      usersAt('api/admin/users'),
    ]);
    const endpoint = `${booted.url}/mcp`;
    expect((await toolNames(endpoint)).toSorted()).toEqual([
      'admin_users_list',
      'admin_users_posts',
      'users_list',
      'users_posts',
    ]);
    expect((await callTool(endpoint, 'admin_users_list')).text).toBe(
      'api/admin/users',
    );
    expect((await callTool(endpoint, 'users_posts', { id: '1' })).text).toBe(
      'api/users 1',
    );
    expect(
      booted.logger.of('warn').filter((line) => /told apart/.test(line)),
    ).toEqual([
      expect.stringMatching(
        /^2 tools would be named "users_list".*UsersController\.list.*@McpTool/,
      ),
      expect.stringMatching(/^2 tools would be named "users_posts"/),
    ]);
    await booted.close();
  });

  it.each<[string, string[], string[]]>([
    [
      'paths that have nothing of the name',
      ['customers', 'employees'],
      ['customers_users_list', 'employees_users_list'],
    ],
    [
      'one within the other',
      ['users', 'users/archive'],
      ['archive_users_list', 'users_list'],
    ],
    [
      'camel case and dashes',
      ['backOffice/users', 'front-end/users'],
      ['back_office_users_list', 'front_end_users_list'],
    ],
  ])('are told apart by %s', async (_kind, paths, expected) => {
    const names = await namesOf(paths.map(usersAt));
    expect(names.filter((name) => name.endsWith('list')).toSorted()).toEqual(
      expected,
    );
  });

  it('are told apart by path and version', async () => {
    const names = await namesOf(
      [usersAt('users'), usersAt('admin/users')],
      {},
      { type: VersioningType.URI, defaultVersion: ['1', '2'] },
    );
    expect(names).toHaveLength(8);
  });

  it('keep the name where a filter takes the other out', async () => {
    const kept = usersAt('users');
    const names = await namesOf([kept, usersAt('admin/users')], {
      include: { controllers: [kept] },
    });
    expect(names).toEqual(['users_list', 'users_posts']);
  });

  it('stop the application where somebody chose the name', async () => {
    await expect(
      namesOf([usersAt('users'), usersAt('admin/users')], {
        toolName: ({ method }) => method,
      }),
    ).rejects.toThrow('Two tools would be named "list"');
  });
});

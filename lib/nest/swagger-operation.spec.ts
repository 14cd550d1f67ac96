import { jest } from '@jest/globals';
import {
  All,
  Body,
  Controller,
  Get,
  Logger,
  Param,
  Post,
  Query,
  Version,
} from '@nestjs/common';
import * as swagger from '@nestjs/swagger';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiExcludeController,
  ApiExcludeEndpoint,
  ApiHeader,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { routeOf } from '../../test/support/route-of.js';
import { readOperation } from './operation-metadata.js';
import type { Route } from './route.interface.js';
import {
  swaggerOperation,
  type SwaggerOperation,
} from './swagger-operation.js';
import { SwaggerReadings } from './swagger-model.js';

class Cat {
  @ApiProperty() name!: string;
}
class Paging {
  @ApiProperty() page!: number;
}

@ApiTags('cats')
@ApiHeader({ name: 'x-tenant' })
@ApiNotFoundResponse({ description: 'no such cat' })
@Controller({ path: 'cats', version: '1' })
class CatsController {
  @Get(':id')
  @ApiOperation({
    operationId: 'findCat',
    summary: 'Find a cat',
    description: 'By its id',
    tags: ['more'],
    deprecated: true,
  })
  @ApiQuery({ name: 'full', type: Boolean, required: false })
  @ApiOkResponse({ description: 'the cat', type: Cat })
  find(@Param('id') _id: string, @Query() _paging: Paging): void {}

  @Post()
  @ApiConsumes('application/json')
  @ApiBody({ type: Cat, description: 'a cat' })
  @ApiCreatedResponse()
  create(@Body() _cat: Cat): void {}

  @Post('reflected')
  reflected(@Body() _cat: Cat, @Query('n') _n: number): void {}

  @ApiExcludeEndpoint()
  @Version('7')
  @All('hidden')
  @ApiOperation({ summary: 'Hidden' })
  hidden(): void {}
}
@Controller()
class Plain {
  @Get() get(): void {}
}
@Controller()
class Child extends CatsController {}
@ApiExcludeController()
@Controller()
class Excluded {
  @Get() @ApiNoContentResponse() get(): void {}
}

const operationOf = (route: Route): SwaggerOperation => {
  const operation = swaggerOperation(route, { swagger });
  if (!operation) {
    throw new Error('no operation');
  }
  return operation;
};

describe('swaggerOperation', () => {
  it('is undefined without @nestjs/swagger', () => {
    expect(swaggerOperation(routeOf(Plain, 'get'), {})).toBeUndefined();
  });

  it('reads operation, tags, parameters and responses', () => {
    const route = routeOf(CatsController, 'find');
    const operation = operationOf(route);
    expect(readOperation(route)).toEqual({
      operationId: 'findCat',
      summary: 'Find a cat',
      description: 'By its id',
      excluded: false,
      // As in the application's own document, these replace the controller's.
      tags: ['more'],
    });
    expect(operation.requestBody).toBeUndefined();
    expect(
      operation.parameters.map(({ in: place, name, required, schema }) => ({
        place,
        name,
        required,
        schema,
      })),
    ).toEqual([
      {
        place: 'header',
        name: 'x-tenant',
        required: false,
        schema: { type: 'string' },
      },
      {
        place: 'query',
        name: 'full',
        required: false,
        schema: { type: 'boolean' },
      },
    ]);
    expect(operation.responses['200']).toMatchObject({
      description: 'the cat',
      content: {
        'application/json': { schema: { $ref: '#/components/schemas/Cat' } },
      },
    });
    expect(operation.responses['200']?.models[0]).toBe(Cat);
    expect(operation.responses['404']).toMatchObject({
      description: 'no such cat',
      content: {},
    });
    expect(operation.schemas).toHaveProperty('Cat');
  });

  it('reads an inherited handler', () => {
    const route = routeOf(Child, 'find');
    expect(readOperation(route).operationId).toBe('findCat');
    expect(operationOf(route)).toMatchObject({
      responses: { '200': { description: 'the cat' } },
    });
  });

  it('takes a body only from @ApiBody()', () => {
    const route = routeOf(CatsController, 'create');
    expect(readOperation(route)).toMatchObject({
      operationId: undefined,
      tags: ['cats'],
    });
    expect(operationOf(route)).toMatchObject({
      consumes: ['application/json'],
      requestBody: { required: true, description: 'a cat', models: [Cat, Cat] },
      responses: { '201': { description: undefined } },
    });
    expect(operationOf(routeOf(CatsController, 'reflected'))).toMatchObject({
      requestBody: undefined,
      parameters: [{ name: 'x-tenant' }],
    });
  });

  it('says what is excluded, and describes it all the same', () => {
    expect(readOperation(routeOf(CatsController, 'hidden'))).toMatchObject({
      excluded: true,
      summary: 'Hidden',
    });
    const route = routeOf(Excluded, 'get');
    expect(readOperation(route).excluded).toBe(true);
    expect(operationOf(route)).toMatchObject({ responses: { '204': {} } });
  });

  it('has no response, tag or id where none is documented', () => {
    const route = routeOf(Plain, 'get');
    expect(readOperation(route)).toEqual({
      operationId: undefined,
      summary: undefined,
      description: undefined,
      tags: [],
      excluded: false,
    });
    expect(operationOf(route)).toEqual({
      parameters: [],
      requestBody: undefined,
      consumes: [],
      responses: {},
      schemas: {},
    });
  });

  it('changes no metadata of the application, and prints nothing', () => {
    const print = jest.spyOn(Logger, 'warn');
    const before = Reflect.getMetadataKeys(CatsController.prototype.find);
    operationOf(routeOf(CatsController, 'find'));
    expect(Reflect.getMetadataKeys(CatsController.prototype.find)).toEqual(
      before,
    );
    expect(print).not.toHaveBeenCalled();
    print.mockRestore();
  });

  it('reads what the CLI plugin leaves on the controller', () => {
    @Controller()
    class WithPlugin {
      static _OPENAPI_METADATA_FACTORY(): object {
        return { get: { summary: 'From a comment', type: Cat } };
      }
      @Get() get(): void {}
    }
    class Inherits extends WithPlugin {}
    expect(readOperation(routeOf(WithPlugin, 'get')).summary).toBe(
      'From a comment',
    );
    expect(readOperation(routeOf(Inherits, 'get')).summary).toBe(
      'From a comment',
    );
    expect(operationOf(routeOf(WithPlugin, 'get'))).toMatchObject({
      responses: { '200': { models: [Cat] } },
    });
  });

  it('asks once for what the routes of a controller share, and for the rest when needed', () => {
    const createDocument = jest.fn(
      swagger.SwaggerModule.createDocument.bind(swagger.SwaggerModule),
    );
    const counted = { SwaggerModule: { createDocument } };
    const readings = new SwaggerReadings(counted);
    const read = (method: 'create' | 'reflected' | 'hidden') =>
      swaggerOperation(routeOf(CatsController, method), {
        swagger: counted,
        readings,
      });
    const reflected = read('reflected');
    const asked = createDocument.mock.calls.length;
    expect(read('hidden')?.parameters).toMatchObject([{ name: 'x-tenant' }]);
    expect(createDocument).toHaveBeenCalledTimes(asked);
    expect(reflected?.responses).toHaveProperty('404');
    expect(reflected?.schemas).toHaveProperty('Cat');
    expect(createDocument).toHaveBeenCalledTimes(asked + 1);
    expect(read('create')?.requestBody?.description).toBe('a cat');
    expect(createDocument).toHaveBeenCalledTimes(asked + 2);
  });

  it('names the route and the remedy for metadata that cannot be read', () => {
    class Broken {
      @ApiProperty({ type: () => undefined as never }) next!: unknown;
    }
    @Controller()
    class BrokenController {
      @Get() @ApiOkResponse({ type: Broken }) get(): void {}
    }
    expect(() => operationOf(routeOf(BrokenController, 'get'))).toThrow(
      /BrokenController\.get: .*circular.*@McpHide/,
    );
    @Controller()
    class LazyController {
      @Get() @ApiOkResponse({ type: () => undefined as never }) get(): void {}
    }
    expect(() => operationOf(routeOf(LazyController, 'get'))).toThrow(
      /LazyController\.get: .*@McpHide/,
    );
    @Controller()
    class BrokenBodyController {
      @Post() post(@Body() _body: Broken): void {}
    }
    expect(() => operationOf(routeOf(BrokenBodyController, 'post'))).toThrow(
      /BrokenBodyController\.post: .*circular.*@McpHide/,
    );
  });
});

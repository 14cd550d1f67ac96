import type { Type } from '@nestjs/common';
import {
  createSwaggerDocument,
  type SwaggerPackage,
} from './swagger-document.js';
import {
  mentionedClasses,
  swaggerExtraModels,
  swaggerName,
  type SwaggerOptions,
  swaggerProperties,
} from './swagger-metadata.js';

/** What `@nestjs/swagger` said so far, so that nothing is asked twice. */
export class SwaggerReadings {
  private readonly models = new WeakMap<
    Type<unknown>,
    SwaggerModel | undefined
  >();
  private readonly parameters = new WeakMap<
    Type<unknown>,
    readonly SwaggerOptions[]
  >();

  constructor(private readonly swagger: SwaggerPackage) {}

  /**
   * Undefined for a class of which `@nestjs/swagger` makes no schema.
   *
   * @throws what `@nestjs/swagger` throws for metadata that it cannot read
   */
  modelOf(type: Type<unknown>): SwaggerModel | undefined {
    if (!this.models.has(type)) {
      this.models.set(type, swaggerModel(type, this.swagger));
    }
    return this.models.get(type);
  }

  /** Parameters that every route of a controller has, read when first asked for. */
  parametersOf(
    controller: Type<unknown>,
    read: () => readonly SwaggerOptions[],
  ): readonly SwaggerOptions[] {
    const known = this.parameters.get(controller) ?? read();
    this.parameters.set(controller, known);
    return known;
  }
}

/** What `@nestjs/swagger` knows of one class, as OpenAPI 3.0. */
export interface SwaggerModel {
  readonly schema: Readonly<Record<string, unknown>>;
  /** Every schema that `schema` may refer to, by name. */
  readonly components: Readonly<Record<string, unknown>>;
  readonly properties: ReadonlyMap<string, SwaggerProperty>;
  /** Classes by which a name in a `$ref` of this class is to be understood. */
  readonly models: readonly Type<unknown>[];
}

/** One documented property, by its name in the schema. */
interface SwaggerProperty {
  /** The property's key in the class. */
  readonly key: string;
  /** Classes mentioned by this property's own options. */
  readonly models: readonly Type<unknown>[];
  /**
   * Whether the documented type is a guess made from a design type that says
   * little: `Object` of a union, `Array` without items.
   */
  readonly guessed: 'type' | 'items' | undefined;
}

/** Reads a class's `@ApiProperty()` metadata, mapped types and CLI plugin included. */
function swaggerModel(
  type: Type<unknown>,
  swagger: SwaggerPackage,
): SwaggerModel | undefined {
  const { components } = createSwaggerDocument(swagger, { models: [type] });
  const schemas = components?.schemas ?? {};
  const schema = schemas[swaggerName(type)];
  if (typeof schema !== 'object' || schema === null) {
    return undefined;
  }
  const properties = new Map<string, SwaggerProperty>();
  const models = new Set([type, ...swaggerExtraModels(type)]);
  for (const [key, options] of swaggerProperties(type)) {
    const mentioned = mentionedClasses(options);
    mentioned.forEach((model) => models.add(model));
    const name = options['name'];
    properties.set(typeof name === 'string' && name !== '' ? name : key, {
      key,
      models: mentioned,
      guessed: guessedPart(options),
    });
  }
  return {
    schema: schema as SwaggerModel['schema'],
    components: schemas,
    properties,
    models: [...models],
  };
}

function guessedPart(
  options: Readonly<Record<string, unknown>>,
): SwaggerProperty['guessed'] {
  const stated = ['items', 'properties', 'additionalProperties', 'enum'];
  if (stated.some((key) => key in options)) {
    return undefined;
  }
  if (options['type'] === Object) {
    return 'type';
  }
  return options['type'] === Array ? 'items' : undefined;
}

import type { Type } from '@nestjs/common';
import type { SwaggerModel } from '../../nest/swagger-model.js';
import type { SwaggerReadings } from '../../nest/swagger-readings.js';
import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import { mergeSchemas } from '../json-schema/property.merge.js';
import { isSchema, only, without } from '../json-schema/schema-keywords.js';
import { SchemaReference } from '../json-schema/schema-reference.js';
import type { ClassReferences } from './class-references.interface.js';
import {
  validatedProperties,
  type ValidatedProperty,
} from './class-validator.reader.js';
import { classValidation } from './class-validator.storage.js';
import { designTypeSchema } from './design-type.schema.js';
import { fromOpenApi } from './openapi.converter.js';
import { componentResolver } from './openapi.references.js';
import type { SchemaPackages } from './schema-packages.interface.js';

/** The parts of a property's schema of which a source may have made a guess. */
const GUESSES = { type: ['type'], items: ['items'] };

/** The schemas of DTO classes, each made once, of all that the optional packages know. */
export class ClassModels implements ClassReferences {
  private readonly references = new Map<
    Type<unknown>,
    SchemaReference | undefined
  >();
  private readonly model = (type: Type<unknown>): JsonSchema =>
    this.schemaOf(type);

  constructor(
    private readonly packages: SchemaPackages & {
      readonly readings?: SwaggerReadings | undefined;
    },
    private readonly warn: (message: string) => void,
  ) {}

  /** A `$ref` to the class's schema; any object, if nothing is known of the class. */
  schemaOf(type: Type<unknown>): JsonSchema {
    const reference = this.referenceTo(type);
    return reference ? { $ref: reference } : { type: 'object' };
  }

  /** Undefined for a class without metadata: of its properties nothing is left at run time. */
  referenceTo(type: Type<unknown>): SchemaReference | undefined {
    if (!this.references.has(type)) {
      // Filed before it is built: the class may refer to itself.
      let parts: ClassParts | undefined;
      const read = (): ClassParts => (parts ??= this.read(type));
      this.references.set(
        type,
        new SchemaReference(
          type.name || 'Anonymous',
          () => this.merge(type, read()),
          'object',
        ),
      );
      if (!isKnown(read())) {
        this.references.set(type, undefined);
      }
    }
    return this.references.get(type);
  }

  private read(type: Type<unknown>): ClassParts {
    const { readings, classValidator, classValidatorJsonSchema } =
      this.packages;
    const validation = classValidation(type, classValidator);
    if (validation && !classValidatorJsonSchema) {
      this.warn(
        `${type.name} has class-validator decorators, which cannot be read: ` +
          'install class-validator-jsonschema, or tools advertise less than the DTO demands.',
      );
    }
    return {
      documented: readings?.modelOf(type),
      validated:
        validation && classValidatorJsonSchema
          ? validatedProperties(type, validation, this.packages, this.model)
          : new Map(),
    };
  }

  private merge(type: Type<unknown>, parts: ClassParts): JsonSchema {
    const { documented, validated } = parts;
    const own = new Map(
      [...(documented?.properties ?? [])].map(([name, { key }]) => [key, name]),
    );
    const documentedSchemas = documented?.schema['properties'];
    const required = new Set(
      Array.isArray(documented?.schema['required'])
        ? documented.schema['required'].map(String)
        : [],
    );
    const properties: [string, JsonSchema][] = [];
    for (const key of new Set([...own.keys(), ...validated.keys()])) {
      const name = own.get(key) ?? validated.get(key)?.name ?? key;
      const raw = isSchema(documentedSchemas) ? documentedSchemas[name] : {};
      properties.push([
        name,
        this.property(type, key, validated.get(key), {
          model: documented,
          name,
          raw: own.has(key) && isSchema(raw) ? raw : {},
        }),
      ]);
      if (!own.has(key) && validated.get(key)?.required) {
        required.add(name);
      }
    }
    return {
      type: 'object',
      ...this.classKeywords(documented),
      properties: Object.fromEntries(properties),
      ...(required.size > 0 && { required: [...required] }),
    };
  }

  private property(
    type: Type<unknown>,
    key: string,
    validated: ValidatedProperty | undefined,
    documented: {
      readonly model: SwaggerModel | undefined;
      readonly name: string;
      readonly raw: JsonSchema;
    },
  ): JsonSchema {
    const { model, name, raw } = documented;
    const source = model?.properties.get(name);
    const stated = model
      ? fromOpenApi(
          raw,
          componentResolver(
            () => model.components,
            [...(source?.models ?? []), ...model.models],
            this,
          ),
        )
      : {};
    const guess = source?.guessed ? GUESSES[source.guessed] : [];
    const schema = mergeSchemas(
      without(stated, guess),
      validated?.schema ?? {},
    );
    const nullable =
      schema['nullable'] === true || validated?.required === false;
    const typed = ['type', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf'];
    const design: unknown = Reflect.getMetadata(
      'design:type',
      type.prototype as object,
      key,
    );
    const complete = typed.some((keyword) => keyword in schema)
      ? mergeSchemas(schema, only(stated, ['items']))
      : mergeSchemas(schema, designTypeSchema(design, this.model));
    return nullable ? { ...complete, nullable } : complete;
  }

  /** What `@ApiSchema()` and the like say of the class as a whole. */
  private classKeywords(documented: SwaggerModel | undefined): JsonSchema {
    return documented
      ? fromOpenApi(
          without(documented.schema, ['properties', 'required', 'type']),
          componentResolver(
            () => documented.components,
            documented.models,
            this,
          ),
        )
      : {};
  }
}

interface ClassParts {
  readonly documented: SwaggerModel | undefined;
  readonly validated: ReadonlyMap<string, ValidatedProperty>;
}

const isKnown = ({ documented, validated }: ClassParts): boolean =>
  validated.size > 0 ||
  Object.keys(documented?.schema['properties'] ?? {}).length > 0 ||
  Object.keys(documented?.schema ?? {}).some(
    (keyword) => !['type', 'properties'].includes(keyword),
  );

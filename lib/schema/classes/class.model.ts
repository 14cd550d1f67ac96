import type { Type } from '@nestjs/common';
import type {
  SwaggerModel,
  SwaggerReadings,
} from '../../nest/swagger-model.js';
import { isSecretName } from '../../secrets/secret-name.js';
import { mergeSchemas } from '../json-schema/property.merge.js';
import {
  INITIALISED,
  isSchema,
  type JsonSchema,
  only,
  without,
} from '../json-schema/schema-keywords.js';
import { SchemaReference } from '../json-schema/schema-reference.js';
import {
  transformedSchema,
  validatedProperties,
  type ValidatedProperty,
} from './class-validator.reader.js';
import {
  classValidation,
  type ClassValidation,
} from './class-validator.storage.js';
import { designTypeSchema } from './design-type.schema.js';
import { initialValues } from './initial-values.js';
import {
  type ClassReferences,
  componentResolver,
  fromOpenApi,
} from './openapi.converter.js';
import type { SchemaPackages } from './schema-packages.interface.js';
import type { ValidationRules } from './validation-rules.js';

/** The parts of a property's schema of which a source may have made a guess. */
const GUESSES = { type: ['type'], items: ['items'] };

/** The schemas of DTO classes, each made once, of all that the optional packages know. */
export class ClassModels implements ClassReferences {
  private readonly references = new WeakMap<
    Type<unknown>,
    SchemaReference | undefined
  >();
  private readonly model = (type: Type<unknown>): JsonSchema =>
    this.schemaOf(type);

  private readonly variants = new Map<string, ClassModels>();
  private readonly validated = new WeakMap<Type<unknown>, boolean>();

  /** @param rules which decorators count, where not all do; `base` holds the models of all */
  constructor(
    private readonly packages: SchemaPackages & {
      readonly readings?: SwaggerReadings | undefined;
    },
    private readonly warn: (message: string) => void,
    private readonly rules?: ValidationRules,
    private readonly base?: ClassModels,
  ) {}

  /** The models as the `ValidationPipe`s in front of a value read them. */
  under(rules: ValidationRules | undefined): ClassModels {
    if (!rules) {
      return this;
    }
    const key = JSON.stringify(rules);
    const models =
      this.variants.get(key) ??
      new ClassModels(this.packages, this.warn, rules, this);
    this.variants.set(key, models);
    return models;
  }

  /** Whether class-validator has a say in what the class requires. */
  isValidated(type: Type<unknown>): boolean {
    const known =
      this.validated.get(type) ??
      !!classValidation(type, this.packages.classValidator, undefined);
    this.validated.set(type, known);
    return known;
  }

  /** Whether the class has class-validator decorators and nothing to read them: it is warned of as such. */
  isUnreadable(type: Type<unknown>): boolean {
    return !this.packages.classValidatorJsonSchema && this.isValidated(type);
  }

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
      if (!isKnown(read()) && !this.base?.referenceTo(type)) {
        this.references.set(type, undefined);
      }
    }
    return this.references.get(type);
  }

  private read(type: Type<unknown>): ClassParts {
    const { readings, classValidator, classValidatorJsonSchema } =
      this.packages;
    const validation = classValidation(type, classValidator, this.rules);
    if (validation && !classValidatorJsonSchema) {
      this.warn(
        `${type.name} has class-validator decorators, which cannot be read: ` +
          'install class-validator-jsonschema, or tools advertise less than the DTO demands.',
      );
    }
    return {
      documented: readings?.modelOf(type),
      validation,
      validated:
        validation && classValidatorJsonSchema
          ? validatedProperties(type, validation, this.packages, this.model)
          : new Map(),
    };
  }

  private merge(type: Type<unknown>, parts: ClassParts): JsonSchema {
    const { documented, validated, validation } = parts;
    const initial = initialValues(type);
    const own = new Map(
      [...(documented?.properties ?? [])].map(([name, { key }]) => [key, name]),
    );
    const documentedSchemas = documented?.schema['properties'];
    const required = new Set(
      Array.isArray(documented?.schema['required'])
        ? documented.schema['required'].map(String)
        : [],
    );
    const initialised: string[] = [];
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
          initial: isSecretName(name) ? undefined : initial.get(key),
        }),
      ]);
      if (!own.has(key) && validated.get(key)?.required) {
        required.add(name);
      }
      if (
        validated.get(key)?.isOptional ||
        validation?.unvalidated.has(key) ||
        (validation?.skipsMissing && !validated.get(key)?.required)
      ) {
        required.delete(name);
      }
      if (initial.has(key)) {
        initialised.push(name);
      }
    }
    return {
      type: 'object',
      ...this.classKeywords(documented),
      properties: Object.fromEntries(properties),
      ...(required.size > 0 && { required: [...required] }),
      ...(initialised.length > 0 && { [INITIALISED]: initialised }),
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
      readonly initial: unknown;
    },
  ): JsonSchema {
    const { model, name, raw, initial } = documented;
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
    const typed = ['type', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf'];
    const design: unknown = Reflect.getMetadata(
      'design:type',
      type.prototype as object,
      key,
    );
    const complete = typed.some((keyword) => keyword in schema)
      ? mergeSchemas(schema, only(stated, ['items']))
      : mergeSchemas(schema, designTypeSchema(design, this.model));
    return {
      // Null says that there is no value yet.
      ...(initial !== undefined && initial !== null && { default: initial }),
      ...this.withItems(complete, type, key),
    };
  }

  /** A list whose elements are not described has those of `@Type()`. */
  private withItems(
    schema: JsonSchema,
    type: Type<unknown>,
    key: string,
  ): JsonSchema {
    const { items } = schema;
    const open = !isSchema(items) || Object.keys(items).length === 0;
    const typed =
      schema['type'] === 'array' && open
        ? this.packages.classTransformer?.findTypeMetadata(type, key)
        : undefined;
    return typed
      ? { ...schema, items: transformedSchema(typed, this.model) }
      : schema;
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
  readonly validation: ClassValidation | undefined;
  readonly validated: ReadonlyMap<string, ValidatedProperty>;
}

const isKnown = ({ documented, validated }: ClassParts): boolean =>
  validated.size > 0 ||
  Object.keys(documented?.schema['properties'] ?? {}).length > 0 ||
  Object.keys(documented?.schema ?? {}).some(
    (keyword) => !['type', 'properties'].includes(keyword),
  );

import type { Route, RouteArgument } from '../../nest/route.interface.js';
import type {
  JsonSchema,
  ObjectSchema,
} from '../json-schema/schema-keywords.js';
import { bundleSchema } from '../json-schema/schema.bundler.js';
import { expectedType } from '../classes/validation-rules.js';
import { warnOfGaps } from '../sources/standard-schema.gaps.js';
import { isStandardSchema } from '../sources/standard-schema.reader.js';
import { nameArguments } from './argument-names.js';
import {
  bindArgument,
  type Argument,
  type InputSchemaOptions,
  type ArgumentTarget,
  type InputSchema,
} from './argument-target.js';
import { bodyArguments } from './body.arguments.js';
import { explicitInput } from './explicit-input.js';
import { visibleArguments } from './hidden-arguments.js';
import { parameterArguments } from './parameter.arguments.js';

/**
 * Makes one flat input schema of all that a route takes, and notes where each
 * argument goes.
 *
 * @throws an error that names the route, for an explicit schema that cannot be
 * an input schema, or a Standard Schema among them that cannot describe itself
 */
export function buildInputSchema(
  route: Route,
  options: InputSchemaOptions,
): InputSchema {
  const origin = `${route.controller.name}.${route.methodName}`;
  const warnings: string[] = [];
  const gaps: string[] = [];
  const { swagger, sources, pathParameters, optionalPathParameters } = options;
  const context = {
    route,
    arguments: effectiveArguments(route, options.methodPipes ?? []),
    swagger,
    sources,
    pathParameters,
    takenHeaders: new Set(
      options.takenHeaders?.map((name) => name.toLowerCase()),
    ),
    optionalPathParameters: optionalPathParameters ?? [],
    warn: (message: string) => warnings.push(message),
    onGap: (part: string) => gaps.push(part),
  };
  try {
    const body = bodyArguments(context);
    const values = [...parameterArguments(context), ...body.arguments];
    let input: InputSchema;
    if (options.explicit === undefined) {
      const hidden = options.hideArguments ?? [];
      input = assemble(
        visibleArguments(values, hidden, context.warn),
        body.additional,
        body.encoding,
        hidden,
      );
    } else {
      // What the parameters say of themselves is not advertised.
      warnings.length = gaps.length = 0;
      input = explicitInput(
        options.explicit,
        route,
        options,
        { ...body, arguments: values },
        context.onGap,
      );
    }
    warnings.forEach((message) => options.warn(`${origin} ${message}`));
    warnOfGaps(gaps, origin, options.warn);
    options.sources.takeWarnings().forEach(options.warn);
    return input;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Input schema of ${origin}: ${reason}`, { cause: error });
  }
}

/**
 * A pipe of `@UsePipes()` runs for every parameter. A schema that it carries is
 * meant for the object among them: the body, else the only whole object.
 */
function effectiveArguments(
  { arguments: all }: Route,
  methodPipes: readonly unknown[],
): readonly RouteArgument[] {
  if (methodPipes.length === 0) {
    return all.map(withExpectedType);
  }
  const carriesSchema = (pipe: unknown): boolean =>
    isStandardSchema((pipe as { schema?: unknown } | null)?.schema);
  const wholes = all.filter(
    ({ source, field }) => source !== 'none' && field === undefined,
  );
  const target = wholes.find(({ source }) => source === 'body') ?? wholes[0];
  return all.map((argument) =>
    withExpectedType({
      ...argument,
      pipes: [
        ...methodPipes.filter(
          (pipe) => argument === target || !carriesSchema(pipe),
        ),
        ...argument.pipes,
      ],
    }),
  );
}

/** `ValidationPipe` may read a value as another class than the parameter's type. */
function withExpectedType(argument: RouteArgument): RouteArgument {
  const type = expectedType(argument.pipes);
  return type ? { ...argument, type } : argument;
}

function assemble(
  values: readonly Argument[],
  additional: unknown,
  bodyEncoding: InputSchema['bodyEncoding'],
  hidden: readonly string[],
): InputSchema {
  const names = nameArguments(values);
  const openBody = additional !== false && additional !== undefined;
  const bindings: ArgumentTarget[] = [];
  const properties: [name: string, schema: JsonSchema][] = [];
  const required: string[] = [];
  for (const value of values) {
    const argument = names.get(value) ?? '';
    bindings.push(bindArgument(argument, value));
    properties.push([argument, value.schema]);
    if (value.required) {
      required.push(argument);
    }
  }
  const schema: JsonSchema = {
    type: 'object',
    ...(values.length > 0 && {
      // It defines properties, so `__proto__` stays a name.
      properties: Object.fromEntries(properties),
    }),
    ...(required.length > 0 && { required }),
    additionalProperties: openBody ? additional : false,
  };
  return {
    schema: bundleSchema(schema, 'input') as ObjectSchema,
    bindings,
    openBody,
    ...(openBody && { hidden }),
    bodyEncoding,
  };
}

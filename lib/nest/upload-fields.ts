import { INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import type { Route } from './route.interface.js';
import { strings, SWAGGER_CONSUMES } from './swagger-metadata.js';

/** One form field that a route's upload interceptor reads. */
export interface UploadField {
  readonly name: string;
  /** Whether the field may be repeated. */
  readonly multiple: boolean;
}

/**
 * The form fields of `FileInterceptor('avatar')`, `FilesInterceptor()` and
 * `FileFieldsInterceptor()`. They are known to the interceptor's closure
 * alone, so it is run once against a recorder in place of multer, which stops
 * it at its first step.
 *
 * @returns empty for `AnyFilesInterceptor()` and interceptors of other make
 */
export function uploadFields(route: Route): readonly UploadField[] {
  return [
    ...interceptorsOf(route.controller),
    ...interceptorsOf(route.handler),
  ].flatMap(recordFields);
}

/** Whether a route takes files, as far as its interceptors and `@ApiConsumes()` tell. */
export function takesFiles({ controller, handler }: Route): boolean {
  return [controller, handler].some(
    (target) =>
      interceptorsOf(target).some(
        (each) =>
          typeof each === 'function' && isUploader(each.prototype as unknown),
      ) ||
      strings(Reflect.getMetadata(SWAGGER_CONSUMES, target)).some((type) =>
        type.toLowerCase().startsWith('multipart/'),
      ),
  );
}

/**
 * Whether a route's own code takes a form apart (`req.file()`, `req.parts()` of
 * `@fastify/multipart`), so that nothing tells its fields. Read from the source
 * of the handler and its interceptors: a call in a service is not seen.
 */
export function readsForm({
  controller,
  handler,
  arguments: all,
}: Route): boolean {
  const parameters =
    /^[^(]*\(([^)]*)\)/.exec(sourceOf(handler))?.[1]?.split(',') ?? [];
  const requests = all
    .filter(({ source }) => source === 'none')
    .map(({ index }) => /[\w$]+/.exec(parameters[index] ?? '')?.[0])
    .filter((name) => name !== undefined);
  const inHandler = requests.some((name) =>
    new RegExp(
      `(?<![\\w$.])${name.replaceAll('$', '\\$')}\\.${FORM_READERS}\\(`,
    ).test(sourceOf(handler)),
  );
  return (
    inHandler ||
    [controller, handler]
      .flatMap(interceptorsOf)
      .some(
        (each) =>
          typeof each === 'function' &&
          /\.isMultipart\b/.test(
            sourceOf(
              (each.prototype as Partial<Uploader> | undefined)?.intercept,
            ),
          ),
      )
  );
}

/** What `@fastify/multipart` puts on a request. */
const FORM_READERS =
  '(?:isMultipart|file|files|parts|formData|saveRequestFiles)';

const sourceOf = (code: unknown): string =>
  typeof code === 'function' ? Function.prototype.toString.call(code) : '';

const interceptorsOf = (target: object): readonly unknown[] =>
  (Reflect.getMetadata(INTERCEPTORS_METADATA, target) ?? []) as unknown[];

function recordFields(interceptor: unknown): UploadField[] {
  const prototype: unknown =
    typeof interceptor === 'function' ? interceptor.prototype : undefined;
  // Nest gives a mixin a random name; its source tells what it is.
  if (!isUploader(prototype)) {
    return [];
  }
  const fields: UploadField[] = [];
  const stop = (): never => {
    throw new Error('recorded');
  };
  const multer = {
    single: (name: string) => {
      fields.push({ name, multiple: false });
      return stop;
    },
    array: (name: string) => {
      fields.push({ name, multiple: true });
      return stop;
    },
    fields: (all: readonly { name: string; maxCount?: number }[]) => {
      fields.push(
        ...all.map(({ name, maxCount }) => ({
          name,
          multiple: maxCount !== 1,
        })),
      );
      return stop;
    },
    any: () => stop,
    none: () => stop,
  };
  const http = { getRequest: () => ({}), getResponse: () => ({}) };
  const recorder = Object.assign(Object.create(prototype) as Uploader, {
    multer,
  });
  // Whatever the recorder's `stop` makes of the call is of no interest.
  const run = async (): Promise<unknown> =>
    recorder.intercept({ switchToHttp: () => http }, { handle: stop });
  run().catch(() => undefined);
  return fields;
}

interface Uploader {
  readonly intercept: (context: object, next: object) => Promise<unknown>;
}

const isUploader = (prototype: unknown): prototype is Uploader => {
  const intercept = (prototype as Partial<Uploader> | undefined)?.intercept;
  return (
    typeof intercept === 'function' &&
    /\bthis\.multer\.(?:single|array|fields|any|none)\(/.test(
      Function.prototype.toString.call(intercept),
    )
  );
};

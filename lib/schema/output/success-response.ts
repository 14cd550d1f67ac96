import type {
  SwaggerContent,
  SwaggerOperation,
} from '../../nest/swagger-operation.js';

/** The status code of the success response: the first 2xx, or `2XX`. */
export const successStatus = ({
  responses,
}: SwaggerOperation): string | undefined =>
  Object.keys(responses).find((status) => /^2(?:\d\d|XX)$/i.test(status));

/** A response's JSON content, with its media type; undefined if it has none. */
export function jsonContent({
  content,
}: SwaggerContent):
  | { readonly mediaType: string; readonly content: Record<string, unknown> }
  | undefined {
  const found = Object.entries(content).find(([mediaType]) =>
    /^(?:application\/(?:.+\+)?json|\*\/\*)\b/i.test(mediaType),
  );
  return found && { mediaType: found[0], content: { ...found[1] } };
}

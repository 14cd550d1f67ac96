import { Inject, Injectable } from '@nestjs/common';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { SERVER_SETTINGS, type ServerSettings } from '../server-settings.js';

/** A part of a list, and where the next one begins. */
export interface Page<D> {
  readonly entries: readonly D[];
  /** Undefined on the last page. */
  readonly nextCursor?: string | undefined;
}

/** Begins every cursor, so that others are told from ours. */
const MARK = 'after:';

/**
 * Cuts lists into pages (MCP, Pagination). A cursor names the last entry that
 * was sent, so that none is left out or sent twice when others come or go.
 */
@Injectable()
export class Pages {
  private readonly size: number;

  constructor(@Inject(SERVER_SETTINGS) { pageSize }: ServerSettings) {
    this.size = pageSize;
  }

  /**
   * @param list ordered by name, or by what `nameOf` gives
   * @throws ProtocolError -32602 for a cursor that is none of ours
   */
  of<D extends { readonly name: string }>(
    list: readonly D[],
    cursor: string | undefined,
    nameOf: (entry: D) => string = ({ name }) => name,
  ): Page<D> {
    if (cursor === undefined && list.length <= this.size) {
      return { entries: list };
    }
    const last = cursor === undefined ? undefined : readCursor(cursor);
    const start =
      last === undefined ? 0 : list.findIndex((entry) => nameOf(entry) > last);
    const rest = start < 0 ? [] : list.slice(start);
    const entries = rest.slice(0, this.size);
    const end = entries.at(-1);
    return {
      entries,
      ...(end &&
        rest.length > entries.length && {
          nextCursor: writeCursor(nameOf(end)),
        }),
    };
  }
}

function writeCursor(name: string): string {
  return Buffer.from(MARK + name).toString('base64url');
}

function readCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (
    !text.startsWith(MARK) ||
    writeCursor(text.slice(MARK.length)) !== cursor
  ) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid cursor');
  }
  return text.slice(MARK.length);
}

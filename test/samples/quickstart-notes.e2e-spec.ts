import { setTimeout as delay } from 'node:timers/promises';
import type { Note } from '../../sample/01-quickstart/src/notes/note.interface.js';
import { MAIN_TWO } from '../support/adapters.js';
import {
  INTEROP_CLIENTS,
  type InteropClient,
} from '../support/interop-clients.js';
import {
  bootQuickstart,
  type Quickstart,
  WITH_KEY,
} from '../support/quickstart.js';

const PERU = '/countries/PER/notes';
const CHILE = '/countries/CHL/notes';
const NO_HEADERS: Record<string, string> = {};

describe.each(MAIN_TWO)('notes of the quick start on %s', (adapter) => {
  let quickstart: Quickstart;

  beforeAll(async () => {
    quickstart = await bootQuickstart(adapter);
  });

  afterAll(() => quickstart.app.close());

  describe.each(INTEROP_CLIENTS)('with %s', (_name, connect) => {
    let client: InteropClient;

    beforeAll(async () => {
      client = await connect(quickstart.endpoint, WITH_KEY);
    });

    afterAll(() => client.close());

    const add = async (code: string, text: string): Promise<Note> => {
      const args = { code, text, tags: ['travel', 'height'] };
      const result = await client.callTool('notes_add', args);
      expect(result.isError).toBe(false);
      const note = JSON.parse(result.text) as Note;
      expect(result.structuredContent).toEqual(note);
      return note;
    };

    it('adds, lists, changes and deletes a note', async () => {
      const text = 'Machu Picchu – “old peak” 🏔';
      const note = await add('pe', text);
      expect(note).toMatchObject({
        country: 'PER',
        text,
        tags: ['travel', 'height'],
        updatedAt: note.createdAt,
      });
      expect((await quickstart.http(PERU)).body).toEqual([note]);
      const list = await client.callTool('notes_list', { code: 'PE' });
      expect(JSON.parse(list.text)).toEqual([note]);
      expect(list.structuredContent).toEqual(client.structured([note]));

      await delay(2); // so that the timestamps differ
      const changed = await client.callTool('notes_change', {
        code: 'PER',
        id: note.id,
        text: 'Lima',
      });
      const after = JSON.parse(changed.text) as Note;
      expect(after).toEqual({
        ...note,
        text: 'Lima',
        updatedAt: after.updatedAt,
      });
      expect(after.updatedAt > note.updatedAt).toBe(true);
      expect((await quickstart.http(PERU)).body).toEqual([after]);

      const removed = await client.callTool('notes_remove', {
        code: 'PER',
        id: note.id,
      });
      expect(removed).toMatchObject({ isError: false, text: '' });
      expect((await quickstart.http(PERU)).body).toEqual([]);
    });

    it.each([
      ['notes_add', { text: 'x' }, 'POST'],
      ['notes_change', { text: 'x' }, 'PATCH'],
      ['notes_remove', undefined, 'DELETE'],
    ])('%s is refused without the right key', async (name, body, method) => {
      const kept = await add('CHL', 'kept');
      const id = name === 'notes_add' ? undefined : kept.id;
      const overHttp = await quickstart.http(id ? `${CHILE}/${id}` : CHILE, {
        method,
        ...(body && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      });
      expect(overHttp.status).toBe(401);
      const { message } = overHttp.body as { message: string };

      for (const key of ['', 'Bearer guessed']) {
        const stranger = await connect(
          quickstart.endpoint,
          key ? { authorization: key } : NO_HEADERS,
        );
        const result = await stranger.callTool(name, {
          code: 'CHL',
          ...(id && { id }),
          ...body,
        });
        await stranger.close();
        expect(result.isError).toBe(true);
        expect(result.text).toContain('401');
        expect(result.text).toContain(message);
      }
      expect((await quickstart.http(CHILE)).body).toEqual([kept]);
      await client.callTool('notes_remove', { code: 'CHL', id: kept.id });
    });
  });
});

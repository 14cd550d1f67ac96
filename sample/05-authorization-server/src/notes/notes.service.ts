import { randomUUID } from 'node:crypto';
import { ConflictException, Injectable } from '@nestjs/common';
import type { Note } from './note.interface.js';
import { MAX_NOTES } from './note-rules.js';

/** Keeps everybody's notes in memory: they are gone when the process ends. */
@Injectable()
export class NotesService {
  private readonly notes = new Map<string, readonly Note[]>();

  list(owner: string): readonly Note[] {
    return this.notes.get(owner) ?? [];
  }

  /** @throws ConflictException when the owner has as many as one may */
  add(owner: string, text: string): Note {
    const notes = this.list(owner);
    if (notes.length >= MAX_NOTES) {
      throw new ConflictException(`You have ${MAX_NOTES} notes already.`);
    }
    const createdAt = new Date().toISOString();
    const note = { id: randomUUID(), text, createdAt };
    this.notes.set(owner, [...notes, note]);
    return note;
  }
}

import { randomUUID } from 'node:crypto';
import { Injectable, NotFoundException } from '@nestjs/common';
import { CountriesService } from '../countries/countries.service.js';
import type { ChangeNoteDto } from './dto/change-note.dto.js';
import type { NewNoteDto } from './dto/new-note.dto.js';
import type { Note } from './note.interface.js';

/** Keeps the notes in memory: they are gone when the process ends. */
@Injectable()
export class NotesService {
  private readonly notes = new Map<string, Note>();

  constructor(private readonly countries: CountriesService) {}

  list(code: string): Note[] {
    const country = this.countries.get(code).code;
    return [...this.notes.values()].filter((note) => note.country === country);
  }

  add(code: string, { text, tags }: NewNoteDto): Note {
    const now = new Date().toISOString();
    return this.save({
      id: randomUUID(),
      country: this.countries.get(code).code,
      text,
      tags: tags ?? [],
      createdAt: now,
      updatedAt: now,
    });
  }

  change(code: string, id: string, { text, tags }: ChangeNoteDto): Note {
    const note = this.get(code, id);
    return this.save({
      ...note,
      text: text ?? note.text,
      tags: tags ?? note.tags,
      updatedAt: new Date().toISOString(),
    });
  }

  remove(code: string, id: string): void {
    this.notes.delete(this.get(code, id).id);
  }

  private get(code: string, id: string): Note {
    const country = this.countries.get(code);
    const note = this.notes.get(id);
    if (note?.country !== country.code) {
      throw new NotFoundException(
        `${country.name} has no note with the id ${id}. List the notes of ${country.code} to see their ids.`,
      );
    }
    return note;
  }

  private save(note: Note): Note {
    this.notes.set(note.id, note);
    return note;
  }
}

import { Module } from '@nestjs/common';
import { CountriesModule } from '../countries/countries.module.js';
import { NotesController } from './notes.controller.js';
import { NOTES_KEY, notesKey } from './notes-key.js';
import { NotesService } from './notes.service.js';

@Module({
  imports: [CountriesModule],
  controllers: [NotesController],
  providers: [NotesService, { provide: NOTES_KEY, useFactory: notesKey }],
})
export class NotesModule {}

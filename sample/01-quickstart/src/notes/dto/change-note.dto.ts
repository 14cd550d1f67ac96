import { PartialType } from '@nestjs/mapped-types';
import { NewNoteDto } from './new-note.dto.js';

/** Body of `PATCH /countries/:code/notes/:id`: what is left out stays. */
export class ChangeNoteDto extends PartialType(NewNoteDto) {}

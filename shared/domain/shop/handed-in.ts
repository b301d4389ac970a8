import { z } from 'zod';
import { line, paragraph } from '#domain/users/words.ts';
import { idOf } from '#platform/id.ts';
import { TAX_CLASSES } from './product.model.ts';
import { Options } from './variants.ts';

const Tag = line(30)
  .pipe(z.string().min(1))
  .transform((tag) => tag.toLowerCase());

/** What a seller says of a product, as requests carry it. */
export const ListingInput = z.strictObject({
  title: line(120).pipe(z.string().min(3)),
  description: paragraph(5000),
  categoryId: idOf('category'),
  attributes: z
    .record(line(40), line(200).pipe(z.string().min(1)))
    .refine((attributes) => Object.keys(attributes).length <= 30, 'at most 30'),
  tags: z.array(Tag).max(20),
  /** Ready uploads of yours with the purpose `product`; the first one is shown in lists. */
  media: z.array(idOf('media')).max(9),
  options: Options,
  taxClass: z.enum(TAX_CLASSES),
});

const { description, attributes, tags, media, options, taxClass } = ListingInput.shape;

/** The same for a new product, of which only the title and the category must be said. */
export const NewListing = ListingInput.extend({
  description: description.default(''),
  attributes: attributes.default({}),
  tags: tags.default([]),
  media: media.default([]),
  options: options.default([]),
  taxClass: taxClass.default('standard'),
});

/** What a buyer says of what they got. */
export const ReviewInput = z.strictObject({
  /** Stars. */
  rating: z.int().min(1).max(5),
  text: paragraph(2000),
  /** Ready uploads of yours with the purpose `review`. */
  media: z.array(idOf('media')).max(6),
});

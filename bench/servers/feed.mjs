import mongoose from 'mongoose';
import { serve } from './serve.mjs';

const LIMIT = 20;
const pool = { autoIndex: false, maxPoolSize: Number(process.env.MONGODB_MAX_POOL_SIZE) };
const connected = mongoose.connect(process.env.MONGODB_URI, pool);

mongoose.model('BenchCreator', new mongoose.Schema({ username: String, avatar: String }));
const Contents = mongoose.model(
  'Content',
  new mongoose.Schema({
    creator: { type: mongoose.Schema.Types.ObjectId, ref: 'BenchCreator' },
    caption: String,
    status: String,
    visibility: String,
    hashtags: [String],
    media: mongoose.Schema.Types.Mixed,
    counts: { views: Number, likes: Number, comments: Number },
    createdAt: Date,
  }),
);

// The usual way to page in an Express and Mongoose service.
serve(async (req, res) => {
  await connected;
  const page = Number(req.query.page ?? 1);
  const shown = { status: 'published', visibility: 'public' };
  const contents = await Contents.find(shown)
    .populate('creator', 'username avatar')
    .sort({ createdAt: -1 })
    .skip((page - 1) * LIMIT)
    .limit(LIMIT);
  const total = await Contents.countDocuments(shown);
  const pagination = { page, limit: LIMIT, total, pages: Math.ceil(total / LIMIT) };
  res.json({ contents, pagination });
});

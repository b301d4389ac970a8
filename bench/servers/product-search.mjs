import mongoose from 'mongoose';
import { serve } from './serve.mjs';

const LIMIT = 20;
const pool = { autoIndex: false, maxPoolSize: Number(process.env.MONGODB_MAX_POOL_SIZE) };
const connected = mongoose.connect(process.env.MONGODB_URI, pool);

mongoose.model('BenchShop', new mongoose.Schema({ name: String, handle: String }));
const Products = mongoose.model(
  'Product',
  new mongoose.Schema({
    shop: { type: mongoose.Schema.Types.ObjectId, ref: 'BenchShop' },
    category: mongoose.Schema.Types.ObjectId,
    path: [mongoose.Schema.Types.ObjectId],
    title: String,
    description: String,
    tags: [String],
    media: mongoose.Schema.Types.Mixed,
    price: { minMinor: Number, maxMinor: Number },
    currency: String,
    status: String,
    rating: mongoose.Schema.Types.Mixed,
    soldCount: Number,
    inStock: Boolean,
  }),
);

// The usual way to search in an Express and Mongoose service.
serve(async (req, res) => {
  await connected;
  const { q, category, sort } = req.query;
  const page = Number(req.query.page ?? 1);
  const found = {
    status: 'active',
    ...(q && { title: { $regex: q, $options: 'i' } }),
    ...(category && { path: category }),
  };
  const products = await Products.find(found)
    .populate('shop', 'name handle')
    .sort(sort === 'price_asc' ? { 'price.minMinor': 1 } : { soldCount: -1 })
    .skip((page - 1) * LIMIT)
    .limit(LIMIT);
  const total = await Products.countDocuments(found);
  const pagination = { page, limit: LIMIT, total, pages: Math.ceil(total / LIMIT) };
  res.json({ products, pagination });
});

import { hidden, type Strangers } from './stage.ts';

export const rows: Strangers = {
  authSessionRevoke: hidden(({ bob, session }) => bob.delete(`/api/auth/sessions/${session}`)),

  mediaStatus: hidden(({ bob, asset }) => bob.get(`/api/media/uploads/${asset}`)),
  mediaComplete: hidden(({ bob, asset }) => bob.post(`/api/media/uploads/${asset}/complete`, {})),

  contentCreate: hidden(({ bob, asset }) => bob.post('/api/content', { assetId: asset })),
  contentUpload: hidden(({ bob, asset }) => bob.post('/api/content/upload', { assetId: asset })),
  contentGet: hidden(({ bob, content }) => bob.get(`/api/content/${content}`)),
  contentUpdate: hidden(({ bob, content }) =>
    bob.put(`/api/content/${content}`, { caption: 'mine now' }),
  ),
  contentDelete: hidden(({ bob, content }) => bob.delete(`/api/content/${content}`)),
  contentLike: hidden(({ bob, content }) => bob.post(`/api/content/${content}/like`)),
  contentUnlike: hidden(({ bob, content }) => bob.delete(`/api/content/${content}/like`)),
  contentView: hidden(({ bob, content }) => bob.post(`/api/content/${content}/view`, {})),
  contentComment: hidden(({ bob, content }) =>
    bob.post(`/api/content/${content}/comment`, { text: 'Let me in' }),
  ),
  contentComments: hidden(({ bob, content }) => bob.get(`/api/content/${content}/comments`)),
  captionsUpdate: hidden(({ bob, content }) =>
    bob.put(`/api/content/${content}/captions/en`, { action: 'delete' }),
  ),

  storiesCreate: hidden(({ bob, asset }) => bob.post('/api/stories', { assetId: asset })),
  storiesView: hidden(({ bob, story }) => bob.post(`/api/stories/${story}/view`)),
  storiesViewers: hidden(({ bob, story }) => bob.get(`/api/stories/${story}/viewers`)),
  storiesDelete: hidden(({ bob, story }) => bob.delete(`/api/stories/${story}`)),

  usersGet: hidden(({ bob, alice }) => bob.get(`/api/users/${alice.id}`)),
  usersFollow: hidden(({ bob, alice }) => bob.post(`/api/users/${alice.id}/follow`)),
  usersUnfollow: hidden(({ bob, alice }) => bob.delete(`/api/users/${alice.id}/unfollow`)),
  usersRelation: hidden(({ bob, alice }) =>
    bob.put(`/api/users/${alice.id}/relation`, { action: 'accept' }),
  ),
  usersUpdateMe: hidden(({ bob, asset }) => bob.put('/api/users/me', { avatarAssetId: asset })),

  notificationsRead: {
    ask: ({ bob, notification }) => bob.post('/api/notifications/read', { ids: [notification] }),
    told: { status: 200, because: 'what is not theirs is passed over; Alice’s stays unread' },
  },
  walletTransfer: hidden(({ bob, alice }) =>
    bob.post('/api/wallet/transfer', { to: alice.id, amount: 100 }),
  ),
};

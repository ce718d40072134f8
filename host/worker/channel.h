/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One end of the socket between host and worker: messages out as frames, bytes in to messages.
 * The codec is frames.h; here are the descriptor and who waits for it.
 */
#ifndef LH_WORKER_CHANNEL_H
#define LH_WORKER_CHANNEL_H

#include "worker/frames.h"

struct lh_channel {
    int fd;
    size_t max_frame; /* of what is sent */
    uint32_t seq;     /* of the next frame out */
    struct lh_inbox in;
    /*
     * Called when the descriptor is not ready (`events` of poll); answers 0 to try again. NULL: the
     * descriptor is a blocking one.
     */
    int (*wait)(void *arg, short events, struct lh_error *e);
    void *arg;
    struct lh_buf *held; /* when set, messages wait here for the next lh_channel_let_go */
};

/* Pieces of one message, in order. */
#define LH_CHANNEL_PARTS 4u

/*
 * Sends a message. What `wait` answered, or LH_FAILED with the reason when the other end is gone.
 */
int lh_channel_send(struct lh_channel *ch, uint8_t type, uint32_t call, const lh_str *parts,
                    size_t n_parts, struct lh_error *e);

/* Sends the messages that were held, in one go: one wake-up of the other end. Nothing is held. */
int lh_channel_let_go(struct lh_channel *ch, struct lh_error *e);

/* A small message without waiting; false when there is no room for it, or nobody there. */
bool lh_channel_send_now(struct lh_channel *ch, uint8_t type, uint32_t call, lh_str payload);

/*
 * The next message: 1; 0 when the other end has closed. -1 with e set for a surprise or when `wait`
 * said so. now: 0 as well when nothing whole is there yet.
 */
int lh_channel_receive(struct lh_channel *ch, bool now, struct lh_message *ret, struct lh_error *e);

#endif

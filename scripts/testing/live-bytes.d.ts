/** What buffers hold, in bytes, once everything nobody refers to is gone. */
export declare const liveBytes: () => number;

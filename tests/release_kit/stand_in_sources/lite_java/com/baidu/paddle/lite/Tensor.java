package com.baidu.paddle.lite;

/** Stands in for Paddle-Lite's: of floats. */
public class Tensor {
    long[] shape = {};
    float[] values = {};

    Tensor() {}

    public boolean resize(long[] dims) {
        shape = dims;
        return true;
    }

    public boolean setData(float[] buf) {
        values = buf;
        return true;
    }

    public long[] shape() {
        return shape;
    }

    public float[] getFloatData() {
        return values;
    }
}

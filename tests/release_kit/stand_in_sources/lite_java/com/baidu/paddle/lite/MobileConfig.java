package com.baidu.paddle.lite;

/** Stands in for Paddle-Lite's. */
public class MobileConfig extends ConfigBase {
    String model;

    public void setModelFromFile(String modelFile) {
        model = modelFile;
    }

    public void setThreads(int threads) {}
}

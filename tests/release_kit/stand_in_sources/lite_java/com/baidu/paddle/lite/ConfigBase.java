package com.baidu.paddle.lite;

/** Stands in for Paddle-Lite's. */
public class ConfigBase {}

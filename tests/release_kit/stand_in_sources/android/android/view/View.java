package android.view;

/** Stands in for Android's. */
public class View {}

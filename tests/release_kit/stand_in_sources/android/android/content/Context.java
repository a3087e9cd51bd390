package android.content;

import android.content.res.AssetManager;
import java.io.File;

/** Stands in for Android's: a folder with {@code assets} and {@code files}, which the property "app" names. */
public class Context {
    private final File app = new File(System.getProperty("app"));

    public AssetManager getAssets() {
        return new AssetManager(new File(app, "assets"));
    }

    public File getFilesDir() {
        File files = new File(app, "files");
        files.mkdirs();
        return files;
    }
}

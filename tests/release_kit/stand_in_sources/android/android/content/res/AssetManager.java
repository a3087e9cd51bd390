package android.content.res;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Stands in for Android's: as there, a file has no names below it. */
public final class AssetManager {
    private final File assets;

    /** Not in Android's. */
    public AssetManager(File assets) {
        this.assets = assets;
    }

    public InputStream open(String name) throws IOException {
        return new FileInputStream(new File(assets, name));
    }

    public String[] list(String path) throws IOException {
        String[] names = new File(assets, path).list();
        return names == null ? new String[0] : names;
    }
}

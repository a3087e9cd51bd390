package android.graphics;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/** Stands in for Android's. */
public class BitmapFactory {
    public static Bitmap decodeStream(InputStream file) {
        try {
            return new Bitmap(ImageIO.read(file));
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}

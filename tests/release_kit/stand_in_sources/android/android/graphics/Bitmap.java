package android.graphics;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;

/** Stands in for Android's, with Java's own pictures. */
public final class Bitmap {
    private final BufferedImage image;

    /** Not in Android's. */
    public Bitmap(BufferedImage image) {
        this.image = image;
    }

    public int getWidth() {
        return image.getWidth();
    }

    public int getHeight() {
        return image.getHeight();
    }

    public void getPixels(int[] pixels, int offset, int stride, int x, int y, int width, int height) {
        image.getRGB(x, y, width, height, pixels, offset, stride);
    }

    public static Bitmap createBitmap(Bitmap source, int x, int y, int width, int height) {
        return new Bitmap(source.image.getSubimage(x, y, width, height));
    }

    /** Bilinear between the nearest four pixels, however small the picture becomes, as Android's is. */
    public static Bitmap createScaledBitmap(Bitmap source, int width, int height, boolean filter) {
        BufferedImage scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = scaled.createGraphics();
        if (filter) {
            graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        }
        graphics.drawImage(source.image, 0, 0, width, height, null);
        graphics.dispose();
        return new Bitmap(scaled);
    }
}
